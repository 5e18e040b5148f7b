package org.kthread.sysinit;

/** That of this module. */
class MutationCheck extends org.kthread.testing.MutationCheck {}
