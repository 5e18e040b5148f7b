package org.kthread.architecture;

import java.util.List;
import java.util.stream.Stream;

/**
 * A gate of the build, with a class that it must refuse and the clean twin of that class.
 *
 * @param name of the class
 * @param message by which the gate refuses it
 * @param bad source with the planted violation
 * @param good source without it
 */
record Gate(String name, String message, String bad, String good) {

    static List<Gate> all() {
        Stream<Gate> gates = Stream.of(
                replacing("Warning", "[rawtypes]", "List<?>", "List", """
                        import java.util.List;

                        final class Warning {
                            static int size(List<?> list) {
                                return list.size();
                            }
                        }
                        """),
                replacing("WaitNotInLoop", "[WaitNotInLoop]", "while (", "if (", """
                        final class WaitNotInLoop {
                            private boolean done;

                            synchronized void await() throws InterruptedException {
                                while (!done) {
                                    wait();
                                }
                            }

                            synchronized void done() {
                                done = true;
                                notifyAll();
                            }
                        }
                        """),
                replacing("GuardedBy", "[GuardedBy]", "synchronized int", "int", """
                        final class GuardedBy {
                            @com.google.errorprone.annotations.concurrent.GuardedBy("this")
                            private int count;

                            synchronized int next() {
                                return ++count;
                            }
                        }
                        """),
                replacing("NullAway", "[NullAway]", "s == null ? 0 : s.length()", "s.length()", """
                        import org.jspecify.annotations.Nullable;

                        final class NullAway {
                            static int length(@Nullable String s) {
                                return s == null ? 0 : s.length();
                            }
                        }
                        """),
                replacing("EmptyCatch", "[EmptyCatch]", "throw e;", "", """
                        final class EmptyCatch {
                            static void run(Runnable body) {
                                try {
                                    body.run();
                                } catch (IllegalStateException e) {
                                    throw e;
                                }
                            }
                        }
                        """),
                replacing("DocMissing", "no comment", "/** Documented. */\n    public static", "public static", """
                        /** Documented. */
                        public final class DocMissing {
                            private DocMissing() {}

                            /** Documented. */
                            public static void nothing() {}
                        }
                        """),
                replacing("DocReference", "reference not found", "String", "Nowhere", """
                        /** See {@link String}. */
                        public final class DocReference {
                            private DocReference() {}
                        }
                        """),
                replacing("Format", "1 needs changes to be clean", "Format {}", "Format { }", """
                        final class Format {}
                        """));
        if (Runtime.version().feature() < 22) { // javac does not keep what NullAway needs to check generics
            return gates.toList();
        }
        return Stream.concat(
                        gates, Stream.of(replacing("NullGenerics", "[NullAway]", "(List<@Nullable", "(List<", """
                        import java.util.List;
                        import org.jspecify.annotations.Nullable;

                        final class NullGenerics {
                            static List<@Nullable String> nullable(List<@Nullable String> list) {
                                return list;
                            }
                        }
                        """)))
                .toList();
    }

    private static Gate replacing(String name, String message, String clean, String planted, String good) {
        if (!good.contains(clean)) {
            throw new IllegalArgumentException(name + " has no " + clean);
        }
        return new Gate(name, message, good.replace(clean, planted), good);
    }

    @Override
    public String toString() {
        return name;
    }
}
