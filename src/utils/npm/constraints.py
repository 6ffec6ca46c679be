"""Whether a version satisfies an npm constraint, by the rules that npm installs by."""

from src.schemas.errors import InvalidConstraintError
from src.schemas.package import ANY
from src.utils.npm.ranges import InvalidRangeError, parse_loose_version, parse_range, range_admits


def satisfies(version: str, constraint: str) -> bool:
    """Whether `version` is one that `constraint` admits; "any" and "" are `*`.

    A prerelease is admitted only where the constraint names one of the same major, minor and patch;
    `*` admits none. Raises InvalidConstraintError for a dist-tag, an address, anything else that is
    no range, and for what is no version.
    """
    key = parse_loose_version(version)
    if key is None:
        raise InvalidConstraintError(f"not a version of npm: {version[:80]!r}")
    try:
        sets = parse_range("" if constraint == ANY else constraint)
    except InvalidRangeError as error:
        raise InvalidConstraintError(str(error)) from error
    return range_admits(sets, key)
