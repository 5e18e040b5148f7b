package org.kthread.man;

import org.junit.jupiter.api.DisplayName;

@DisplayName("kthread(9) of FreeBSD 8, on platform threads")
class Kthread8Test extends Kthread8Spec {}
