package org.kthread.sysinit;

import com.google.common.collect.ImmutableSortedMap;

/**
 * The subsystems of a boot, with the names and values of {@code sys/kernel.h}, in the order in which they start.
 *
 * <p>An application has no page tables or packet filters; the names serve as landmarks. Daemons belong into the {@code
 * SI_SUB_KTHREAD_*} range, what they stand on before it.
 *
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=SYSINIT&amp;sektion=9">SYSINIT(9)</a>
 */
public final class Subsystem {

    /** Not executed. */
    public static final int SI_SUB_DUMMY = 0x0000000;
    /** Processed; here a subsystem like any other. */
    public static final int SI_SUB_DONE = 0x0000001;
    /** Tunable values are established. */
    public static final int SI_SUB_TUNABLES = 0x0700000;
    /** First use of the console. */
    public static final int SI_SUB_COPYRIGHT = 0x0800001;
    /** The virtual memory system. */
    public static final int SI_SUB_VM = 0x1000000;
    /** Counters. */
    public static final int SI_SUB_COUNTER = 0x1100000;
    /** Kernel memory; sleep queues can be used from here. */
    public static final int SI_SUB_KMEM = 0x1800000;
    /** Detection of a hypervisor. */
    public static final int SI_SUB_HYPERVISOR = 0x1a40000;
    /** The checker of lock orders. */
    public static final int SI_SUB_WITNESS = 0x1a80000;
    /** Various locks. */
    public static final int SI_SUB_LOCK = 0x1b00000;
    /** Event handlers; lists can be registered from here. */
    public static final int SI_SUB_EVENTHANDLER = 0x1c00000;
    /** Virtual networks, before modules. */
    public static final int SI_SUB_VNET_PRELINK = 0x1e00000;
    /** Modules. */
    public static final int SI_SUB_KLD = 0x2000000;
    /** Processors. */
    public static final int SI_SUB_CPU = 0x2100000;
    /** Resource accounting. */
    public static final int SI_SUB_RACCT = 0x2110000;
    /** The random number generator. */
    public static final int SI_SUB_RANDOM = 0x2160000;
    /** Mandatory access control. */
    public static final int SI_SUB_MAC = 0x2180000;
    /** Process 0. */
    public static final int SI_SUB_INTRINSIC = 0x2200000;
    /** Limits of virtual memory. */
    public static final int SI_SUB_VM_CONF = 0x2300000;
    /** Services of the debugger. */
    public static final int SI_SUB_DDB_SERVICES = 0x2380000;
    /** The run queue. */
    public static final int SI_SUB_RUN_QUEUE = 0x2400000;
    /** Process 1 is created. */
    public static final int SI_SUB_CREATE_INIT = 0x2500000;
    /** The idle processes. */
    public static final int SI_SUB_SCHED_IDLE = 0x2600000;
    /** Network buffers. */
    public static final int SI_SUB_MBUF = 0x2700000;
    /** Interrupt threads. */
    public static final int SI_SUB_INTR = 0x2800000;
    /** Task queues. */
    public static final int SI_SUB_TASKQ = 0x2880000;
    /** Epochs. */
    public static final int SI_SUB_EPOCH = 0x2888000;
    /** The other processors; 0xf000000 in kernels that start them late. */
    public static final int SI_SUB_SMP = 0x2900000;
    /** Software interrupts. */
    public static final int SI_SUB_SOFTINTR = 0x2a00000;
    /** The device file system. */
    public static final int SI_SUB_DEVFS = 0x2f00000;
    /** Preparation of network interfaces. */
    public static final int SI_SUB_INIT_IF = 0x3000000;
    /** Drivers. */
    public static final int SI_SUB_DRIVERS = 0x3100000;
    /** Devices are configured. */
    public static final int SI_SUB_CONFIGURE = 0x3800000;
    /** The virtual file system. */
    public static final int SI_SUB_VFS = 0x4000000;
    /** Clocks. */
    public static final int SI_SUB_CLOCKS = 0x4800000;
    /** Pseudo devices. */
    public static final int SI_SUB_PSEUDO = 0x7000000;
    /** Handlers of executable formats. */
    public static final int SI_SUB_EXEC = 0x7400000;
    /** Protocols begin. */
    public static final int SI_SUB_PROTO_BEGIN = 0x8000000;
    /** Packet filters, before firewalls. */
    public static final int SI_SUB_PROTO_PFIL = 0x8100000;
    /** Network interfaces. */
    public static final int SI_SUB_PROTO_IF = 0x8400000;
    /** The registry of protocol domains. */
    public static final int SI_SUB_PROTO_DOMAININIT = 0x8600000;
    /** Multicast. */
    public static final int SI_SUB_PROTO_MC = 0x8700000;
    /** Protocol domains. */
    public static final int SI_SUB_PROTO_DOMAIN = 0x8800000;
    /** Firewalls. */
    public static final int SI_SUB_PROTO_FIREWALL = 0x8806000;
    /** What interfaces keep for each domain. */
    public static final int SI_SUB_PROTO_IFATTACHDOMAIN = 0x8808000;
    /** Protocols end. */
    public static final int SI_SUB_PROTO_END = 0x8ffffff;
    /** Profiling. */
    public static final int SI_SUB_KPROF = 0x9000000;
    /** Timeouts start to run. */
    public static final int SI_SUB_KICK_SCHEDULER = 0xa000000;
    /** Configuration that needs interrupts. */
    public static final int SI_SUB_INT_CONFIG_HOOKS = 0xa800000;
    /** The root file system. */
    public static final int SI_SUB_ROOT_CONF = 0xb000000;
    /** Process 0 is tidied. */
    public static final int SI_SUB_INTRINSIC_POST = 0xd000000;
    /** System calls. */
    public static final int SI_SUB_SYSCALLS = 0xd800000;
    /** Virtual networks are complete. */
    public static final int SI_SUB_VNET_DONE = 0xdc00000;
    /** Process 1 starts to run. */
    public static final int SI_SUB_KTHREAD_INIT = 0xe000000;
    /** The page daemon. */
    public static final int SI_SUB_KTHREAD_PAGE = 0xe400000;
    /** The vm daemon. */
    public static final int SI_SUB_KTHREAD_VM = 0xe800000;
    /** The buffer daemon. */
    public static final int SI_SUB_KTHREAD_BUF = 0xea00000;
    /** The syncer. */
    public static final int SI_SUB_KTHREAD_UPDATE = 0xec00000;
    /** Processes that run when nothing else does. */
    public static final int SI_SUB_KTHREAD_IDLE = 0xee00000;
    /** The daemon of resource accounting. */
    public static final int SI_SUB_RACCTD = 0xf100000;
    /** The end of the boot. */
    public static final int SI_SUB_LAST = 0xfffffff;

    private static final ImmutableSortedMap<Integer, String> NAMES = Key.constants(Subsystem.class, "SI_SUB_");

    /** Nobody means a subsystem a little after DUMMY or DONE: a small number is a number. */
    private static final ImmutableSortedMap<Integer, String> LANDMARKS = NAMES.tailMap(SI_SUB_DONE, false);

    private Subsystem() {}

    /**
     * A subsystem as a person would write it.
     *
     * @param subsystem any int
     * @return the name without {@code SI_SUB_}, such as {@code KTHREAD_BUF} or {@code KLD-1}; hex where none is near
     */
    public static String nameOf(int subsystem) {
        return Key.read(subsystem, NAMES, LANDMARKS);
    }
}
