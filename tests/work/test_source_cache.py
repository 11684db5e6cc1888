from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from headrace.work.source_cache import SourceCache

CONTENT = b"the same source of two branches"
SHA512 = hashlib.sha512(CONTENT).hexdigest()


def test_many_threads_may_keep_the_same_source_at_the_same_moment(tmp_path: Path) -> None:
    cache = SourceCache(tmp_path)
    keys = [f"url:https://x.example/{number}" for number in range(20)]

    def keep(_number: int) -> Path:
        with cache.working("a.tar.gz") as place:
            (place / "a.tar.gz").write_bytes(CONTENT)
            return cache.keep(place / "a.tar.gz", SHA512, keys)

    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(keep, range(100)))
    assert len(kept) == 1
    assert kept.pop().read_bytes() == CONTENT
    assert {cache.find("a.tar.gz", [key]) for key in keys} == {cache.find("a.tar.gz", [f"sha512:{SHA512}"])}
    assert not [path for path in (tmp_path / "known").rglob(".*") if path.is_file()]
