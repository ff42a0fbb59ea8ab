"""The embedded server's configuration, from the machine's size. Pure text; PostgreSQL's own defaults else."""

from msgspec import Struct

_MIB = 1024 * 1024


class Machine(Struct, frozen=True):
    """What the configuration depends on. ``memory`` and ``shm`` (the size of ``/dev/shm``) are bytes."""

    memory: int
    shm: int
    major: int
    lz4: bool


def shared_buffers(memory: int) -> int:
    """Bytes of the server's own cache: a twelfth of the machine, 128 MiB to 2 GiB."""
    return min(max(memory // 12, 128 * _MIB), 2048 * _MIB)


def configuration(machine: Machine, socket_folder: str, extra: dict[str, str]) -> str:
    """The whole of ``postgresql.conf``. ``extra`` comes last and wins."""
    values = {**_reach(socket_folder), **_memory(machine), **_writing(machine), **_watching(), **extra}
    lines = [f"{name} = {_quoted(value)}" for name, value in values.items()]
    return "\n".join(
        ["# Written at every start; own settings go to operator.conf beside this folder.", *lines, ""]
    )


def _reach(socket_folder: str) -> dict[str, str]:
    return {
        "listen_addresses": "",
        "unix_socket_directories": socket_folder,
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "60",
        "password_encryption": "scram-sha-256",
    }


def _memory(machine: Machine) -> dict[str, str]:
    buffers = shared_buffers(machine.memory)
    return {
        "shared_buffers": f"{buffers // _MIB}MB",
        "effective_cache_size": f"{max(machine.memory // 2, 256 * _MIB) // _MIB}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{min(max(buffers // 8, 64 * _MIB), 256 * _MIB) // _MIB}MB",
        # containers often give /dev/shm 64 MB, and a parallel query then dies of it
        "dynamic_shared_memory_type": "posix" if machine.shm >= 256 * _MIB else "mmap",
        "max_parallel_workers_per_gather": "1",
        "jit": "off",
        "random_page_cost": "1.1",
    }


def _writing(machine: Machine) -> dict[str, str]:
    return {
        "synchronous_commit": "on",
        "wal_compression": "lz4" if machine.lz4 else "off",
        "default_toast_compression": "lz4" if machine.lz4 else "pglz",
        "max_wal_size": "6GB",
        "min_wal_size": "256MB",
        "wal_buffers": "32MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": "0.9",
        "autovacuum_naptime": "20s",
        "autovacuum_vacuum_cost_limit": "1000",
        "autovacuum_vacuum_scale_factor": "0.1",
        "autovacuum_analyze_scale_factor": "0.05",
    }


def _watching() -> dict[str, str]:
    return {
        "track_io_timing": "off",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "lc_messages": "C",
        "log_line_prefix": "%m [%p] %q%u ",
        "log_min_duration_statement": "-1",
        # statements and their parameters hold what people wrote
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
        "log_checkpoints": "off",
    }


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


HBA = "# Only the socket, only users that the map names.\nlocal all all peer map=townhall\n"


def ident_map(users: tuple[str, ...], roles: tuple[str, ...]) -> str:
    """``pg_ident.conf``: each of these users of the machine may be each of these roles."""
    rows = [f'townhall "{user}" {role}' for user in users for role in roles]
    return "\n".join([*rows, ""])
