"""Changes to this router's own interface names: they are stored, and lvs.cf is rewritten with them."""

from app.accept.accept import EditedByHand, NotSaved, last_written
from app.accept.on_disk import OnDisk, as_written_here, compare
from app.host.files.atomic_file import FileUnwritable, lock, prepare, read
from app.lvs.pair.interface_names import DeviceNames
from app.settings import Settings
from app.store import Store, StoreBusy, StoreFailed


def rename(settings: Settings, store: Store, names: DeviceNames) -> None:
    """Set the names; no revision is made of it. Raises NotSaved and EditedByHand: nothing was changed."""
    try:
        with lock(settings.lock_file):
            _rename(settings, store, names)
    except (FileUnwritable, StoreBusy, StoreFailed) as refusal:
        raise NotSaved(str(refusal), 503) from refusal


def _rename(settings: Settings, store: Store, names: DeviceNames) -> None:
    heads = store.revisions(2)
    found = read(settings.lvs_cf)
    state = compare(found, heads)
    serial_no = heads[0].serial_no if heads else 0
    if state in (OnDisk.EDITED, OnDisk.FIRST):
        raise EditedByHand(state, found or b"", last_written(store), serial_no)
    last = store.revision(serial_no)
    written = as_written_here(last.data, names) if last else b""
    if last is None:
        store.partners.set_device_names(names, written, found or b"")
        return
    pending = prepare(settings.lvs_cf, written)
    try:
        store.partners.set_device_names(names, written, found or b"")
    except BaseException:
        pending.discard()
        raise
    try:
        pending.publish()
    except FileUnwritable as trouble:
        raise NotSaved(f"The names are stored, but not yet in lvs.cf. {trouble}", 503) from trouble
