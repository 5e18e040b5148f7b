package org.kthread.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: ours beside its limit and its peers.
 *
 * @param what is measured
 * @param of in which case
 * @param ours our operation
 * @param limit the least code that does the same work, if there is any
 * @param peers who else does it
 * @param goal what is to be reached
 */
public record Row(
        String what, Case of, String ours, @Nullable Op limit, List<Op> peers, Goal goal) {

    /** The methods of this row. */
    List<String> methods() {
        List<String> methods = new ArrayList<>();
        methods.add(ours);
        if (limit != null) {
            methods.add(limit.method());
        }
        peers.forEach(peer -> methods.add(peer.method()));
        return methods;
    }

    /** The limit, where a goal needs one. */
    Op requireLimit() {
        if (limit == null) {
            throw new IllegalStateException(what + " has a goal beside a limit, and no limit");
        }
        return limit;
    }
}
