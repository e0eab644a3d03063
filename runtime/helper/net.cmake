# Network helpers and the tables that they answer from; paths from runtime/.
set(NET_HELPER_SOURCES
    netenv.c netstate.c netparse.c
    helper/net.c helper/netbytes.c helper/netcookie.c helper/netcsum.c helper/netfib.c
    helper/netmeta.c helper/netmsg.c helper/netoutput.c helper/netredirect.c
    helper/netroom.c helper/netsock.c helper/netsockmap.c helper/netsockopt.c
    helper/netsysctl.c helper/nettcpopt.c helper/nettunnel.c helper/netvlan.c
    helper/netxdp.c)
