"""What a deployment sets from outside: one object, read once at the edge."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of Vigil, each from the environment variable ``VIGIL_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="VIGIL_", frozen=True)

    home: Path = Field(Path.home() / ".vigil", description="folder of the default database")
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
        60.0, ge=5, description="a running batch without a sign of life for so long is dead"
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

    @property
    def resolved_database_url(self) -> str:
        """The address to connect to, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / 'vigil.db'}"


@cache
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
