"""What a deployment sets from outside: one object, read once at the edge."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _parse_roots(roots: object) -> object:
    if not isinstance(roots, str):
        return roots
    try:
        return json.loads(roots)
    except json.JSONDecodeError:
        raise ValueError('expected a JSON list, e.g. ["/data", "s3://lake/in"]') from None


Roots = tuple[Annotated[str, Field(min_length=1)], ...]


class Settings(BaseSettings):
    """Settings of Vigil, each from the environment variable ``VIGIL_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="VIGIL_", frozen=True, hide_input_in_errors=True)

    home: Path = Field(
        Path.home() / ".vigil", description="folder of the default database and the signing key"
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy address of the database; SQLite in the home folder by default",
    )
    max_workers: int = Field(4, ge=1, le=256, description="sources worked on at the same time")
    task_runner: Literal["threads", "processes", "dask"] = Field(
        "threads", description="what the tasks of a batch run on"
    )
    dask_address: str | None = Field(
        None, description="address of a Dask scheduler; a local cluster by default"
    )
    stale_after_seconds: float = Field(
        60.0,
        ge=5,
        le=3600,
        description="a run or stream without a sign of life for so long is let go; "
        "the same on all machines",
    )
    read_timeout_seconds: float = Field(
        30.0, gt=0, le=3600, description="longest wait for an HTTP response or a SQL statement"
    )
    read_max_bytes: int = Field(
        4 * 2**30, ge=1024, description="largest file or HTTP body that is read, in bytes"
    )
    read_max_columns: int = Field(2000, ge=1, description="widest table that is read")
    memory_cells: int = Field(
        20_000_000,
        ge=1000,
        description="most values (rows x columns) of a table that are held in memory at once; a "
        "larger one is fitted on a sample and scored in chunks",
    )
    chunk_rows: int = Field(
        100_000, ge=10, description="rows of such a table that are read and scored at a time"
    )
    chunk_sample_size: int = Field(
        200_000,
        ge=100,
        description="rows of such a table that are fitted on where sample_size says nothing",
    )
    spool_folder: Path | None = Field(
        None,
        description="folder on disk for a copy of such a table that cannot be read twice; the "
        "system's temporary one by default",
    )
    fitted_max_bytes: int = Field(
        64 * 2**20, ge=0, description="largest fitted detector that is stored, in bytes"
    )
    read_retries: int = Field(
        3, ge=0, le=20, description="further tries after a transient read error"
    )
    file_roots: Annotated[Roots | None, NoDecode, BeforeValidator(_parse_roots)] = Field(
        None,
        description="JSON list of the folders and object stores that sources may be read from, "
        'e.g. ["/data", "s3://lake/in"]; any when not set',
    )
    http_allow_private: bool = Field(
        True,
        description="whether sources may be read from loopback, private and link-local addresses",
    )
    signing_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="secret that stored detectors are signed with, the same on all workers; "
        "a file in the home folder by default, made on first use",
    )

    @property
    def resolved_database_url(self) -> str:
        """The address to connect to, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'vigil.db'}"


@cache
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
