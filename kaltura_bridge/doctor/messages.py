"""How an error of Kaltura reads in a line of the doctor."""

from __future__ import annotations

from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.doctor.base import CheckResult, failed


def result_of(error: KalturaError) -> CheckResult:
    """The result of a check that Kaltura refused or left unanswered."""
    if isinstance(error, RemoteRejected):
        return failed(f"Kaltura refused: {refusal(error)}.", error.rule.advice)
    if isinstance(error, RemoteUnavailable):
        return failed(
            f"Kaltura did not answer this request ({error}).",
            "Run the checks again. If it happens again, ask Kaltura.",
        )
    return failed(str(error), "Check the settings that it names.")


def refusal(error: RemoteRejected) -> str:
    """Code and words; of INVALID_KS the code alone, because its words quote the KS."""
    if error.code == "INVALID_KS":
        return error.code
    return f"{error.message.rstrip('.')} ({error.code})"
