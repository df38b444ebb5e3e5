"""Texts, states, actions and errors, as all shapes of the incident API use them."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from gridmap.http import Problem, Words

# The errors that a write may answer, for the document of the API.
REFUSALS = {403: Problem, 404: Problem, 409: Problem, 413: Problem, 422: Problem}
Line = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=200)]
Text = Annotated[Words, StringConstraints(strip_whitespace=True, max_length=2000)]
StateName = Literal[
    "reported", "verifying", "declined", "filed", "assigned", "in_work", "to_verify", "verified", "processing", "waiting",
    "closed", "refused", "merged", "retracted", "suspended",
]  # fmt: skip
ActionName = Literal[
    "self_handle", "request_verification", "verify_report", "file", "decline", "assign", "take", "withdraw", "return", "handle",
    "verify_repair", "close", "escalate", "note", "approve", "forward", "send_back", "supplement", "resubmit", "extend",
    "refuse", "finish", "expedite", "ask", "reopen", "refuse_reopening", "ask_extension", "endorse_extension", "grant_extension",
    "ask_suspension", "refuse_suspension", "suspend", "resume", "object", "review_objection", "whistle", "finish_part", "decline_part",
    "proceed", "join", "merge", "split", "split_off", "put_under", "take_out", "correct", "retract",
]  # fmt: skip
