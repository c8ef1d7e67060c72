"""Reading a batch of entries: CBOR from outside, checked before anything believes it."""

from pydantic import ValidationError

from access.cbor import CborError, loads
from access.contract.sync import BATCH_BYTES_MAX, EntryBatch
from central.errors import RegistryError

DEPTH_MAX = 8


def read_batch(body: bytes) -> EntryBatch:
    """Return the batch; RegistryError 400 for what is none, 413 for one that is too large."""
    if len(body) > BATCH_BYTES_MAX:
        raise RegistryError(f"a batch has at most {BATCH_BYTES_MAX} bytes", 413, "body")
    try:
        batch = EntryBatch.model_validate(loads(body, DEPTH_MAX))
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        raise RegistryError(f"no batch of entries: {fault['msg']}", 400, ".".join(map(str, fault["loc"]))) from error
    except CborError as error:
        raise RegistryError("the body is no CBOR", 400, "body") from error
    seqs = [entry.seq for entry in batch.entries]
    if seqs != list(range(seqs[0], seqs[0] + len(seqs)) if seqs else ()):
        raise RegistryError("the entries of a batch follow one another without gap", 400, "entries")
    return batch
