"""What the benchmarks share about policy files."""


def without(policy: str, attributes: list[str]) -> str:
    """The policy's text without the tables that count by one of the attributes."""
    kept, is_dropped = [], False
    for line in policy.splitlines():
        if line.strip().startswith("- table:"):
            is_dropped = any(name in line.split("]")[0] for name in attributes)
        elif not line.strip().startswith("top:"):
            is_dropped = False
        if not is_dropped:
            kept.append(line)
    return "\n".join(kept) + "\n"
