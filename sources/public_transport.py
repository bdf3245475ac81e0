"""Connect only to public addresses, checked as they are connected to."""

import socket

import httpx

from sources.special_addresses import is_public


class PrivateAddressError(httpx.RequestError):
    """The host has an address that is not public."""


class PublicTransport(httpx.HTTPTransport):
    """Resolves a host once, checks every address of it, and connects to one of those.

    A name that resolves to another address the next time gains nothing: nothing resolves it again.
    No proxy of the environment is used, because it would resolve names by itself.
    """

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the first address of its host that can be connected to.

        Raises:
            PrivateAddressError: an address of the host is not public.
            httpx.RequestError: the host is unknown or cannot be reached.
        """
        *others, last = _public_addresses(request)
        for address in others:
            try:
                return super().handle_request(_aimed_at(address, request))
            except httpx.ConnectError:
                continue
        return super().handle_request(_aimed_at(last, request))


def _public_addresses(request: httpx.Request) -> list[str]:
    host = request.url.host
    port = request.url.port or {"http": 80, "https": 443}[request.url.scheme]
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(str(error), request=request) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(map(is_public, addresses)):
        raise PrivateAddressError(
            f"{host} is not a public address, and others are not read where "
            "VIGIL_HTTP_ALLOW_PRIVATE is false: correct `url`, or allow them where the flow runs",
            request=request,
        )
    return addresses


def _aimed_at(address: str, request: httpx.Request) -> httpx.Request:
    """The same request; its Host header and the name that TLS checks stay those of the host."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
