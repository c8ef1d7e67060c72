"""`python -m tests.access.contract.write_golden`: write the golden files of messages that have none; never over one that is."""

from pathlib import Path

import cbor2

from tests.access.contract.messages import BATCH, MESSAGES

GOLDEN = Path(__file__).parent / "golden"


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    files = {f"{type(message).__name__}.json": (message.model_dump_json(indent=1) + "\n").encode() for message in MESSAGES}
    for name, content in {**files, "EntryBatch.cbor": cbor2.dumps(BATCH.model_dump())}.items():
        if not (GOLDEN / name).exists():
            (GOLDEN / name).write_bytes(content)


if __name__ == "__main__":
    main()
