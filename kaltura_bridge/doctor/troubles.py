"""How an error of Kaltura reads in a line of the doctor."""

from __future__ import annotations

from kaltura_bridge.api.errors import KalturaError, RemoteRejected, RemoteUnavailable
from kaltura_bridge.doctor.base import Finding, failed


def finding_of(error: KalturaError) -> Finding:
    """A check that could not be made, because Kaltura refused or was silent."""
    if isinstance(error, RemoteRejected):
        return failed(f"Kaltura refused: {refusal(error)}.", error.rule.advice)
    if isinstance(error, RemoteUnavailable):
        return failed(
            f"Kaltura did not answer this question ({error}).",
            "Run the checks again; if it stays so, ask Kaltura.",
        )
    return failed(str(error), "Check the settings it names.")


def refusal(error: RemoteRejected) -> str:
    """Code and words; of INVALID_KS the code alone, since its words quote the KS."""
    if error.code == "INVALID_KS":
        return error.code
    return f"{error.message.rstrip('.')} ({error.code})"
