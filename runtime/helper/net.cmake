# Network helpers and the tables that they answer from; paths from runtime/.
set(NET_HELPER_SOURCES netenv.c netstate.c)
