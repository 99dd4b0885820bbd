/*
 * inject INTERFACE DESTINATION-MAC SOURCE-IP DESTINATION-IP PORT PACKETS SIZE
 * Sends whole Ethernet frames, each an IPv4 UDP datagram of SIZE bytes of payload, through an AF_PACKET socket: no inet
 * socket takes part. Prints "sent N".
 */
#include "traffic.h"
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>

static unsigned char frame[2048];

static uint16_t header_checksum(const unsigned char *header)
{
	uint32_t sum = 0;

	for (int index = 0; index < 20; index += 2)
		sum += (uint32_t)(header[index] << 8 | header[index + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

int main(int count, char **arguments)
{
	if (count != 8)
		return 2;
	long packets = atol(arguments[6]);
	uint16_t size = (uint16_t)atoi(arguments[7]), port = (uint16_t)atoi(arguments[5]);
	unsigned mac[6];
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = (int)if_nametoindex(arguments[1]),
				  .sll_halen = 6 };

	if (fd < 0 || to.sll_ifindex == 0)
		die("packet socket");
	if (sscanf(arguments[2], "%x:%x:%x:%x:%x:%x", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) != 6)
		return 2;
	for (int index = 0; index < 6; index++)
		frame[index] = to.sll_addr[index] = (unsigned char)mac[index];
	frame[6] = 2;
	frame[12] = 8;
	unsigned char *ip = frame + 14, *udp = ip + 20;
	uint16_t total = htons((uint16_t)(28 + size)), length = htons((uint16_t)(8 + size)), number = htons(port);

	ip[0] = 0x45;
	memcpy(ip + 2, &total, 2);
	ip[8] = 64;
	ip[9] = IPPROTO_UDP;
	inet_pton(AF_INET, arguments[3], ip + 12);
	inet_pton(AF_INET, arguments[4], ip + 16);
	uint16_t sum = header_checksum(ip);

	memcpy(ip + 10, &sum, 2);
	memcpy(udp, &number, 2);
	memcpy(udp + 2, &number, 2);
	memcpy(udp + 4, &length, 2);
	for (long index = 0; index < packets; index++) {
		struct timespec pause = { 0, 200000 };

		if (sendto(fd, frame, 42u + size, 0, (struct sockaddr *)&to, sizeof to) < 0)
			die("sendto");
		if (index % 32 == 31)
			nanosleep(&pause, NULL);
	}
	printf("sent %ld\n", packets);
	return 0;
}
