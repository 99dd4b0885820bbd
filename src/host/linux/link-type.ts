/** Link layers as the kernel numbers them (include/uapi/linux/if_arp.h), and as capture files do. */
export const ARPHRD_LOOPBACK = 772;
const ARPHRD_ETHER = 1;
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_RAW = 101;

/** What a packet socket's frames are written as: link layers without a number of their own lose their headers. */
export const linkTypeOf = (hardwareType: number): number =>
  hardwareType === ARPHRD_ETHER || hardwareType === ARPHRD_LOOPBACK ? LINKTYPE_ETHERNET : LINKTYPE_RAW;
