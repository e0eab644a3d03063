# The files of runtime/map, for runtime/CMakeLists.txt.
set(MAP_SOURCES
    map.c map/refuse.c map/fields.c map/user.c map/htab.c map/array.c map/hash.c map/lru.c map/lpm.c
    map/queue.c map/bloom.c map/slots.c map/nested.c map/ringbuf.c map/perf.c map/stacktrace.c
    map/storage.c map/device.c map/sock.c map/arena.c)
