package org.kthread.testing;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Lets PIT find the tests without running them. Its plugin for JUnit finds them by running them all, in each of its JVMs: with
 * the tests of a kernel that costs half a minute for every mutant that hangs. Registered as {@link LeakCheck} is; outside of PIT
 * it does nothing.
 */
public final class PitDiscovery implements InvocationInterceptor {
    private static final String FINDER = "org.pitest.junit5.JUnit5TestUnitFinder";
    private static final boolean MUTATES = System.getProperty("sun.java.command", "")
            .startsWith("org.pitest.mutationtest."); // the other JVM, for coverage, runs them
    private static final StackWalker STACK = StackWalker.getInstance();

    /** For JUnit. */
    public PitDiscovery() {}

    private static boolean finding() {
        return MUTATES
                && STACK.walk(
                        frames -> frames.anyMatch(frame -> frame.getClassName().equals(FINDER)));
    }

    private static void unlessFinding(Invocation<Void> invocation) throws Throwable {
        if (finding()) {
            invocation.skip();
        } else {
            invocation.proceed();
        }
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        unlessFinding(invocation);
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        unlessFinding(invocation);
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        unlessFinding(invocation);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        unlessFinding(invocation);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<Void> invocation, DynamicTestInvocationContext test, ExtensionContext context) throws Throwable {
        unlessFinding(invocation);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        unlessFinding(invocation);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        unlessFinding(invocation);
    }
}
