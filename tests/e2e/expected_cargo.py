"""The graph that the sample's crates must become, written down by hand on either of its days.

Every value is derived from the published index documents by the rules of the Cargo book ("Specifying
Dependencies", "Index Format"), of SemVer 2 and of the graph's contract: normal and build dependencies
are required unless they are optional, the target stands in `condition`, the alias of a renamed
dependency in `variant`; what only the crate's own tests need is counted.
"""

from dataclasses import replace

from tests.e2e.expected import Expected, Need

Needs = dict[str, tuple[Need, ...]]

MSVC = 'cfg(target_env = "msvc")'


def each(versions: str, *needs: Need) -> Needs:
    """Give each of these versions the same requirements."""
    return dict.fromkeys(versions.split(), needs)


def run(name: str, constraints: str, condition: str = "", variant: str = "") -> Need:
    return Need(name, constraints, "runtime", condition, variant)


def build(name: str, constraints: str, condition: str = "") -> Need:
    return Need(name, constraints, "build", condition)


def listed(versions: str) -> tuple[str, ...]:
    return tuple(versions.split())


def yanked(versions: str) -> dict[str, dict[str, object]]:
    return {version: {"yanked": True} for version in versions.split()}


def some(*numbers: int, of: str) -> str:
    """Name the patch releases from the first to the last number: `some(1, 3, of="1.0")`."""
    first, last = numbers
    return " ".join(f"{of}.{number}" for number in range(first, last + 1))


# Stand-ins for the standard library's own crates, under their names.
CORE = run("rustc-std-workspace-core", "^1.0", variant="core")
ALIASED_ALLOC = run("rustc-std-workspace-alloc", "^1.0", variant="alloc")

# A renamed dependency that is required; prereleases, published among releases of the line before.
_PEMFILE_VERSIONS = """
    0.1.0 0.2.0 0.2.1 0.3.0 1.0.0 1.0.1 1.0.2 1.0.3 1.0.4
    2.0.0-alpha.0 2.0.0-alpha.1 2.0.0-alpha.2 2.0.0 2.1.0 2.1.1 2.1.2 2.1.3 2.2.0
"""


def pki_types(constraints: str) -> Need:
    return run("rustls-pki-types", constraints, variant="pki-types")


RUSTLS_PEMFILE = Expected(
    versions=listed(_PEMFILE_VERSIONS),
    requires=each("0.1.0 0.2.0 0.2.1 0.3.0 1.0.0 1.0.1", run("base64", "^0.13.0"))
    | each("1.0.2 1.0.3 1.0.4", run("base64", "^0.21"))
    | each("2.0.0-alpha.0", run("base64", "^0.21"), pki_types("^0.1"))
    | each("2.0.0-alpha.1 2.0.0-alpha.2", run("base64", "^0.21"), pki_types("^0.2"))
    | each("2.0.0", run("base64", "^0.21"), pki_types("^1"))
    | each("2.1.0 2.1.1", run("base64", "^0.21"), pki_types("^1.3"))
    | each("2.1.2", run("base64", "^0.22"), pki_types("^1.3"))
    | each("2.1.3", run("base64", "^0.22"), pki_types("^1.7"))
    | each("2.2.0", pki_types("^1.9")),
    dates={
        "0.1.0": "2020-12-28T14:24:30Z",
        "1.0.4": "2023-11-09T19:02:24Z",
        "2.0.0-alpha.1": "2023-09-07T15:04:28Z",
        "2.2.0": "2024-09-30T16:29:22Z",
    },
    marked={
        "0.1.0": {"yanked": True, "prerelease": False},
        "0.2.0": {"yanked": False},
        "2.0.0-alpha.0": {"prerelease": True, "yanked": False},
        "2.2.0": {"prerelease": False, "license": "Apache-2.0 OR ISC OR MIT"},
    },
    vendor="rustls",
    repository_url="https://github.com/rustls/pemfile",
    facts={
        "status": "active",
        "license": "Apache-2.0 OR ISC OR MIT",
        "import_names": ["rustls_pemfile"],
    },
)

# A dependency for no target at all, that keeps two crates on the same version; two for its tests.
_SERDE_CORE = listed(some(220, 229, of="1.0"))
SERDE_CORE = Expected(
    versions=_SERDE_CORE,
    requires={
        version: (run("serde_derive", f"={version}", "cfg(any())"),) for version in _SERDE_CORE
    },
    dates={"1.0.220": "2025-09-13T21:46:48Z", "1.0.229": "2026-07-18T23:05:10Z"},
    marked={
        version: {"yanked": False, "rust_version": "1.56", "development_requirements": 2}
        for version in _SERDE_CORE
    },
    vendor="serde-rs",
    repository_url="https://github.com/serde-rs/serde",
    facts={"license": "MIT OR Apache-2.0", "import_names": ["serde_core"]},
)

# Build metadata that is part of the version's name; renamed dependencies that are optional.
_WASIP2_VERSIONS = (
    "1.0.0+wasi-0.2.4 1.0.1+wasi-0.2.4 1.0.2+wasi-0.2.9 1.0.3+wasi-0.2.9 1.0.4+wasi-0.2.12"
    " 2.0.0+wasi-0.2.12 2.0.1+wasi-0.2.12"
)
WASIP2 = Expected(
    versions=listed(_WASIP2_VERSIONS),
    requires=each("1.0.0+wasi-0.2.4", run("wit-bindgen", "^0.45.0"))
    | each("1.0.1+wasi-0.2.4", run("wit-bindgen", "^0.46.0"))
    | each("1.0.2+wasi-0.2.9", run("wit-bindgen", "^0.51.0"))
    | each("1.0.3+wasi-0.2.9 1.0.4+wasi-0.2.12", run("wit-bindgen", "^0.57.1"))
    | each("2.0.0+wasi-0.2.12", run("wit-bindgen", "^0.61.0"))
    | each("2.0.1+wasi-0.2.12", run("wit-bindgen", "^0.62.0")),
    optional=each(_WASIP2_VERSIONS, ALIASED_ALLOC, CORE),
    dates={"1.0.4+wasi-0.2.12": "2026-06-12T17:42:43Z"},
    marked={
        # What stands behind the plus sign is no prerelease, however it looks.
        "1.0.0+wasi-0.2.4": {"prerelease": False, "rust_version": "1.82.0"},
        "2.0.1+wasi-0.2.12": {"prerelease": False, "yanked": False, "rust_version": "1.87.0"},
    },
    vendor="bytecodealliance",
    repository_url="https://github.com/bytecodealliance/wasi-rs",
    facts={
        "license": "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        "import_names": ["wasip2"],
    },
)

# Plain versions, then such with build metadata; one line goes on after the next has begun.
_PREVIEWS = (
    "0.9.0+wasi-snapshot-preview1 0.10.0+wasi-snapshot-preview1 0.10.1+wasi-snapshot-preview1"
    " 0.10.2+wasi-snapshot-preview1 0.10.3+wasi-snapshot-preview1 0.11.0+wasi-snapshot-preview1"
)
_WASI_11 = "0.11.1+wasi-snapshot-preview1"
_WASI_12_TO_14 = (
    "0.12.0+wasi-0.2.0 0.12.1+wasi-0.2.0 0.13.0+wasi-0.2.0 0.13.1+wasi-0.2.0 0.13.2+wasi-0.2.1"
    " 0.13.3+wasi-0.2.2 0.14.0+wasi-0.2.3 0.14.1+wasi-0.2.3 0.14.2+wasi-0.2.4"
)
_WASI_LAST = "0.14.5+wasi-0.2.4 0.14.6+wasi-0.2.4 0.14.7+wasi-0.2.4"
_WASI_14 = "0.14.3+wasi-0.2.4 0.14.4+wasi-0.2.4"
_WASI_VERSIONS = f"""
    0.0.0 0.3.0 0.4.0 0.5.0 0.6.0 0.7.0 {_PREVIEWS} {_WASI_11} {_WASI_12_TO_14}
    {_WASI_14} {_WASI_LAST}
"""
_BUILTINS = run("compiler_builtins", "^0.1")
_ALLOC = run("rustc-std-workspace-alloc", "^1.0")
WASI = Expected(
    versions=listed(_WASI_VERSIONS),
    requires=each("0.12.0+wasi-0.2.0", run("wit-bindgen", "^0.16"))
    | each("0.12.1+wasi-0.2.0", run("wit-bindgen", "^0.19.1"))
    | each("0.13.0+wasi-0.2.0", run("bitflags", "^2.4.2"), run("wit-bindgen-rt", "^0.21.0"))
    | each("0.13.1+wasi-0.2.0", run("wit-bindgen-rt", "^0.24.0"))
    | each("0.13.2+wasi-0.2.1", run("wit-bindgen-rt", "^0.29.0"))
    | each("0.13.3+wasi-0.2.2", run("wit-bindgen-rt", "^0.33.0"))
    | each("0.14.0+wasi-0.2.3", run("wit-bindgen-rt", "^0.37.0"))
    | each("0.14.1+wasi-0.2.3 0.14.2+wasi-0.2.4", run("wit-bindgen-rt", "^0.39.0"))
    | each(_WASI_14, run("wit-bindgen", "^0.45.0"))
    | each("0.14.5+wasi-0.2.4", run("wasip2", "^1.0.0"))
    | each("0.14.6+wasi-0.2.4 0.14.7+wasi-0.2.4", run("wasip2", "^1.0.1")),
    optional=each("0.6.0", _BUILTINS, CORE)
    | each(f"0.7.0 {_PREVIEWS} {_WASI_12_TO_14}", _BUILTINS, CORE, _ALLOC)
    | each(_WASI_11, CORE, _ALLOC)
    | each(_WASI_14, CORE, ALIASED_ALLOC),
    dates={_WASI_11: "2025-06-10T14:23:45Z", "0.12.0+wasi-0.2.0": "2024-02-08T18:49:33Z"},
    marked=yanked("0.10.3+wasi-snapshot-preview1") | {_WASI_11: {"yanked": False}},
    vendor="bytecodealliance",
    repository_url="https://github.com/bytecodealliance/wasi-rs",
    facts={"import_names": ["wasi"]},
)

# An optional dependency under an alias; sixteen yanked versions, and older lines that went on later.
_LOCK_API_CRATE = run("lock_api", "^0.4", variant="lock_api_crate")
_SPIN_VERSIONS = f"""
    {some(2, 4, of="0.1")} 0.2.0 0.2.1 {some(0, 5, of="0.3")} {some(0, 10, of="0.4")}
    {some(0, 2, of="0.5")} 0.6.0 {some(0, 2, of="0.7")} 0.8.0 0.8.1 {some(0, 9, of="0.9")}
    0.10.0 0.10.1 0.11.0 0.11.1 {some(0, 3, of="0.12")}
"""
SPIN = Expected(
    versions=listed(_SPIN_VERSIONS),
    optional=each("0.6.0", run("lock_api", "^0.4"))
    | each("0.7.0 0.7.1 0.7.2 0.8.0 0.8.1", _LOCK_API_CRATE)
    | each(some(0, 9, of="0.9"), _LOCK_API_CRATE)
    | each("0.10.0 0.10.1", _LOCK_API_CRATE)
    | each(
        "0.11.0 0.11.1 0.12.0 0.12.1 0.12.2 0.12.3",
        _LOCK_API_CRATE,
        run("rustc-std-workspace-core", "^1.0.0", variant="core"),
    ),
    dates={"0.1.2": "2015-01-27T15:50:37Z", "0.7.2": "2026-07-13T20:05:33Z"},
    marked=yanked(f"0.7.0 0.7.1 0.8.0 {some(0, 8, of='0.9')} 0.10.0 0.11.0 0.12.0 0.12.1")
    | {version: {"yanked": False} for version in listed("0.6.0 0.7.2 0.8.1 0.9.9 0.12.3")},
    vendor="zesterer",
    repository_url="https://codeberg.org/zesterer/spin",
    facts={"license": "MIT", "import_names": ["spin"]},
)

# Optional dependencies, and a build dependency that came and went.
_LOCK_API_VERSIONS = (
    f"{some(0, 5, of='0.1')} 0.2.0 {some(0, 4, of='0.3')} {some(0, 14, of='0.4')} 0.5.0"
)
LOCK_API = Expected(
    versions=listed(_LOCK_API_VERSIONS),
    requires=each(some(0, 5, of="0.1"), run("scopeguard", "^0.3"))
    | each(f"0.2.0 {some(0, 4, of='0.3')}", run("scopeguard", "^1.0"))
    | each(some(0, 6, of="0.4"), run("scopeguard", "^1.1.0"))
    | each(some(7, 13, of="0.4"), build("autocfg", "^1.1.0"), run("scopeguard", "^1.1.0"))
    | each("0.4.14", run("scopeguard", "^1.1.0"))
    | each("0.5.0", run("scopeguard", "^1.2.0")),
    optional=each(f"0.2.0 {some(0, 4, of='0.3')}", run("serde", "^1.0.90"))
    | each(some(0, 4, of="0.4"), run("serde", "^1.0.114"))
    | each(some(5, 14, of="0.4"), run("serde", "^1.0.126"))
    | each("0.5.0", run("serde", "^1.0.229")),
    dates={"0.1.0": "2018-06-08T00:16:14Z", "0.5.0": "2026-10-21T10:30:36Z"},
    marked=yanked("0.1.2") | {"0.3.0": {"yanked": False}, "0.4.14": {"rust_version": "1.71.0"}},
    vendor="Amanieu",
    repository_url="https://github.com/Amanieu/parking_lot",
    facts={"license": "MIT OR Apache-2.0", "import_names": ["lock_api"]},
)

# Build dependencies, one for a target only, one optional; a normal one that became optional; links.
_LIBZ_VERSIONS = f"0.0.1 {some(0, 9, of='0.1')} {some(0, 27, of='1.0')} {some(0, 30, of='1.1')}"
_GCC = (build("gcc", "^0.3.17"), run("libc", "^0.2"), build("pkg-config", "^0.3"))
_CC_98 = build("cc", "^1.0.98")
_CC_18 = build("cc", "^1.0.18")
_PKG_CONFIG_9 = build("pkg-config", "^0.3.9")
_VCPKG_MSVC = build("vcpkg", "^0.2", MSVC)
_LIBZ_NEWEST = (_CC_98, _PKG_CONFIG_9, build("vcpkg", "^0.2.11"))
_LIBC_43 = run("libc", "^0.2.43")
_LIBZ_OPTIONAL = (_LIBC_43, build("cmake", "^0.1.50"))
LIBZ_SYS = Expected(
    versions=listed(_LIBZ_VERSIONS),
    requires=each("0.0.1", run("pkg-config", "*"))
    | each("0.1.0", build("pkg-config", "^0.1.0"))
    | each("0.1.1 0.1.2", build("pkg-config", "^0.3"))
    | each("0.1.3", run("libc", "*"), build("pkg-config", "^0.3"))
    | each("0.1.4 0.1.5 0.1.6", run("libc", "^0.1"), build("pkg-config", "^0.3"))
    | each(
        "0.1.7 0.1.8 0.1.9",
        build("gcc", "^0.3.10"),
        run("libc", "^0.1"),
        build("pkg-config", "^0.3"),
    )
    | each("1.0.0", build("gcc", "^0.3.10"), run("libc", "^0.2"), build("pkg-config", "^0.3"))
    | each(some(1, 13, of="1.0"), *_GCC)
    | each("1.0.14 1.0.15 1.0.16", *_GCC, _VCPKG_MSVC)
    | each(
        "1.0.17 1.0.18",
        build("cc", "^1.0"),
        run("libc", "^0.2"),
        build("pkg-config", "^0.3"),
        _VCPKG_MSVC,
    )
    | each(some(19, 25, of="1.0"), _CC_18, _LIBC_43, _PKG_CONFIG_9, _VCPKG_MSVC)
    | each("1.0.26 1.0.27", _CC_18, _PKG_CONFIG_9, _VCPKG_MSVC)
    | each(some(0, 9, of="1.1"), _CC_18, _PKG_CONFIG_9, _VCPKG_MSVC)
    | each(some(10, 17, of="1.1"), _CC_18, _PKG_CONFIG_9, build("vcpkg", "^0.2"))
    | each("1.1.18 1.1.19", _CC_98, _PKG_CONFIG_9, build("vcpkg", "^0.2"))
    | each(some(20, 30, of="1.1"), *_LIBZ_NEWEST),
    optional=each("1.0.26 1.0.27", _LIBC_43)
    | each(some(0, 16, of="1.1"), _LIBC_43, build("cmake", "^0.1.44"))
    | each(some(17, 30, of="1.1"), *_LIBZ_OPTIONAL),
    dates={"0.0.1": "2014-11-11T06:38:26Z", "1.1.30": "2026-10-12T13:37:36Z"},
    marked={
        version: {"yanked": True, "links": "z", "prerelease": False}
        for version in listed("0.0.1 0.1.3 1.0.19 1.0.26 1.1.17 1.1.26")
    }
    | {"1.1.30": {"yanked": False, "links": "z", "license": "MIT OR Apache-2.0"}},
    vendor="rust-lang",
    repository_url="https://github.com/rust-lang/libz-sys",
    facts={"license": "MIT OR Apache-2.0", "import_names": ["libz_sys"]},
)

# A crate with a manifest that names no library: it is called as the package.
SCOPEGUARD = Expected(
    versions=listed("0.1.0 0.1.1 0.1.2 0.2.0 0.3.0 0.3.1 0.3.2 0.3.3 1.0.0 1.1.0 1.2.0"),
    dates={"0.1.0": "2015-04-30T12:04:48Z", "1.2.0": "2023-07-17T13:47:53Z"},
    marked=yanked("0.3.0") | {"0.3.1": {"yanked": False}},
    vendor="bluss",
    repository_url="https://github.com/bluss/scopeguard",
    facts={"import_names": ["scopeguard"]},
)

FIRST_DAY: dict[str, Expected] = {
    "libz-sys": LIBZ_SYS,
    "lock_api": LOCK_API,
    "rustls-pemfile": RUSTLS_PEMFILE,
    "scopeguard": SCOPEGUARD,
    "serde_core": SERDE_CORE,
    "spin": SPIN,
    "wasi": WASI,
    "wasip2": WASIP2,
}

SECOND_DAY: dict[str, Expected] = {
    **FIRST_DAY,
    # 1.1.31 appears.
    "libz-sys": replace(
        LIBZ_SYS,
        versions=(*LIBZ_SYS.versions, "1.1.31"),
        requires={**LIBZ_SYS.requires, "1.1.31": _LIBZ_NEWEST},
        optional={**LIBZ_SYS.optional, "1.1.31": _LIBZ_OPTIONAL},
        dates={**LIBZ_SYS.dates, "1.1.31": "2026-10-28T13:59:59Z"},
        marked={**LIBZ_SYS.marked, "1.1.31": {"yanked": False, "links": "z"}},
    ),
    # 0.3.0 is yanked.
    "lock_api": replace(LOCK_API, marked={**LOCK_API.marked, "0.3.0": {"yanked": True}}),
}
