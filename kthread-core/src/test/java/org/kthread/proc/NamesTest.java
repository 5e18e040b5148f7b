package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NamesTest {
    private static final String PAIR = "\ud83d\ude00";

    @Test
    @DisplayName("up to 19 characters are kept as they are")
    void kept() {
        assertEquals("", Names.comm(""));
        assertEquals("syncer", Names.comm("syncer"));
        assertEquals("a".repeat(19), Names.comm("a".repeat(19)));
    }

    @Test
    @DisplayName("what is kept is not copied")
    void notCopied() {
        String name = "vnlru";
        assertSame(name, Names.comm(name));
    }

    @Test
    @DisplayName("the rest is cut")
    void cut() {
        assertEquals("a".repeat(19), Names.comm("a".repeat(20)));
        assertEquals("a".repeat(19), Names.comm("a".repeat(19) + PAIR));
    }

    @Test
    @DisplayName("never in the middle of a surrogate pair; one that ends at the limit stays")
    void surrogates() {
        assertEquals("a".repeat(18), Names.comm("a".repeat(18) + PAIR));
        assertEquals("a".repeat(17) + PAIR, Names.comm("a".repeat(17) + PAIR + "b"));
        assertEquals(PAIR.repeat(9), Names.comm(PAIR.repeat(10)));
    }

    @Test
    @DisplayName("control characters, which would break a line of ps, become question marks")
    void controls() {
        assertEquals("a?b?c?d", Names.comm("a\nb\tc\u0085d"));
        assertEquals("a".repeat(18) + "?", Names.comm("a".repeat(18) + "\r\n"));
    }
}
