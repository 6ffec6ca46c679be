"""The base addresses of the registries; a real one is asked only when the user says so."""

from urllib.parse import urlsplit

import httpx

from src.local_stack.doctor.finding import Finding, ok, problem, skipped, warning
from src.local_stack.doctor.network import is_loopback
from src.settings import Settings

ANSWER_SECONDS = 3.0
SERVER_FAILED = 500


def check_registries(settings: Settings, *, live: bool) -> list[Finding]:
    """Look at every setting that is the address of a registry, and at how we introduce us."""
    names = sorted(name for name in type(settings).model_fields if name.endswith("_url"))
    addresses = {name.upper(): str(getattr(settings, name)) for name in names}
    found = [check_address(name, address, live=live) for name, address in addresses.items()]
    elsewhere = any(not is_loopback(urlsplit(a).hostname or "") for a in addresses.values())
    if elsewhere and not settings.http_contact:
        found.append(
            warning(
                "registry",
                "HTTP_CONTACT is empty, so the operators of a registry cannot reach you",
                "set it to a mail or web address; registries block those who hide",
            )
        )
    return found


def check_address(name: str, address: str, *, live: bool) -> Finding:
    """Look at one base address, named by its environment variable."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return _wrong(name, "it is no address")
    if parts.scheme not in {"http", "https"} or not host:
        return _wrong(name, "it does not begin with http:// or https:// and a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        return _wrong(name, "a base address has no login, query or fragment")
    where = f"{host}:{port}" if port else host
    if not (live or is_loopback(host)):
        return skipped("registry", f"{name} is {where}", "`ssc doctor --live` asks it")
    return _ask(name, address, where)


def _wrong(name: str, why: str) -> Finding:
    return problem("registry", f"{name} is wrong: {why}", "write it as https://host/path")


def _ask(name: str, address: str, where: str) -> Finding:
    local = is_loopback(urlsplit(address).hostname or "")
    advice = "run `ssc up`" if local else "see whether your network lets you out, or try later"
    try:
        with httpx.Client(timeout=ANSWER_SECONDS, trust_env=not local) as client:
            status = client.head(address).status_code
    except httpx.TimeoutException:
        return problem("registry", f"{name}: {where} does not answer in time", advice)
    except httpx.HTTPError as error:
        return problem(
            "registry", f"{name}: {where} cannot be reached ({type(error).__name__})", advice
        )
    if status >= SERVER_FAILED:
        return problem("registry", f"{name}: {where} answers HTTP {status}", advice)
    return ok("registry", f"{name}: {where} answers")
