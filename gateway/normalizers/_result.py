"""Results: what was reached, joined with what the achievement says can be reached (Open Badges 3.0, Result)."""

from __future__ import annotations

from typing import Any, Final

from gateway.normalizers._claims import (
    Members,
    each,
    grade,
    ignore,
    keep,
    node_type,
    read_members,
    string,
    term,
    text,
)

_RESULT_TYPE: Final = term(
    *("GradePointAverage", "LetterGrade", "Percent", "PerformanceLevel", "PredictedScore", "RawScore", "Result"),
    *("RubricCriterion", "RubricCriterionLevel", "RubricScore", "ScaledScore", "Status"),
)
"""Open Badges 3.0, ResultType, extensible."""

_STATUS: Final = term("Completed", "Enrolled", "Failed", "InProgress", "OnHold", "Withdrew")
"""Open Badges 3.0, ResultStatusType."""


class _Choices:
    """Nodes that are referred to by id; each is read once, when it is, and the others are unmapped."""

    __slots__ = ("_members", "_nodes", "_read", "_unmapped")

    def __init__(self, nodes: Any, at: str, members: Members, unmapped: list[str]) -> None:
        self._members = members
        self._unmapped = unmapped
        self._read: dict[str, dict[str, Any]] = {}
        self._nodes: dict[str, tuple[str, dict[str, Any]]] = {}
        for where, node in each(nodes, at):
            key = node.get("id") if isinstance(node, dict) else None
            if isinstance(key, str) and key not in self._nodes:
                self._nodes[key] = where, node
            else:
                unmapped.append(where)

    def get(self, key: Any) -> dict[str, Any] | None:
        """Return the node with the id `key`, read, with its own JSON Pointer as `at`."""
        if key in self._read:
            return self._read[key]
        if key not in self._nodes:
            return None
        where, node = self._nodes.pop(key)
        self._read[key] = read_members(node, where, self._unmapped, self._members, {"at": where})
        return self._read[key]

    def close(self) -> None:
        """Note what nothing referred to."""
        self._unmapped.extend(where for where, _ in self._nodes.values())


def read_results(
    results: Any, at: str, descriptions: Any, described_at: str, unmapped: list[str]
) -> list[dict[str, Any]]:
    """Read `results`, each with what the result description that it names adds."""
    described = _Choices(descriptions, described_at, _DESCRIPTION, unmapped)
    levels: dict[str, _Choices] = {}
    records = []
    for where, result in each(results, at):
        if not isinstance(result, dict):
            unmapped.append(where)
            continue
        record = _blank()
        read_members(result, where, unmapped, _RESULT, record)
        reference = record.pop("resultDescription", None)
        description = described.get(reference)
        if description is None and reference is not None:
            unmapped.append(f"{where}/resultDescription")
        elif description is not None:
            there = description["at"]
            for field in ("name", "resultType", "valueMin", "valueMax"):
                record[field] = description.get(field)
            if there not in levels:
                rubric = description.get("rubricCriterionLevel")
                levels[there] = _Choices(rubric, f"{there}/rubricCriterionLevel", _LEVEL, unmapped)
            level = levels[there].get(record["achievedLevel"])
            if level is not None:
                # "the value is the `id` of the RubricCriterionLevel in linked ResultDescription"
                record["achievedLevel"] = level.get("name") or record["achievedLevel"]
        records.append(record)
    for choices in (described, *levels.values()):
        choices.close()
    return records


def _blank() -> dict[str, Any]:
    return {
        "name": None,
        "resultType": None,
        "value": None,
        "achievedLevel": None,
        "status": None,
        "valueMin": None,
        "valueMax": None,
    }


_RESULT: Final[Members] = {
    "type": (None, node_type("Result")),
    "resultDescription": ("resultDescription", string),
    "value": ("value", grade),
    "achievedLevel": ("achievedLevel", string),
    "status": ("status", _STATUS),
}

_DESCRIPTION: Final[Members] = {
    "id": (None, ignore),
    "type": (None, node_type("ResultDescription")),
    "name": ("name", text),
    "resultType": ("resultType", _RESULT_TYPE),
    "valueMin": ("valueMin", grade),
    "valueMax": ("valueMax", grade),
    "rubricCriterionLevel": ("rubricCriterionLevel", keep),
}

_LEVEL: Final[Members] = {
    "id": (None, ignore),
    "type": (None, node_type("RubricCriterionLevel")),
    "name": ("name", text),
}
"""Without `level`, which is a second name, and without points: the record has one field for them all."""
