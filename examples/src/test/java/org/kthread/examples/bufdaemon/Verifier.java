package org.kthread.examples.bufdaemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks files against a trace and a journal, from outside: it shares no code with the program. Each byte must be what the last
 * write up to the promised one put there, or what a later one did.
 */
final class Verifier {
    /** What happens to a range of a file: write k puts its pattern, a trim (k = 0) zeros. */
    private record Change(long k, long from, long to) {
        byte at(long position) {
            return k == 0 ? 0 : (byte) ((k * 2654435761L + position * 2246822519L) >>> 24);
        }
    }

    private final Map<String, List<Change>> changes = new LinkedHashMap<>();

    /** The changes of each file when the trace is replayed {@code loops} times. */
    Verifier(Path trace, int loops) throws IOException {
        List<String> lines = Files.readAllLines(trace);
        int skip = lines.get(0).equals("fio version 3 iolog") ? 1 : 0;
        long k = 0;
        for (int pass = 0; pass < loops; pass++) {
            for (String line : lines.subList(1, lines.size())) {
                String[] words = line.split(" ", -1);
                String name = Path.of(words[skip]).getFileName().toString();
                List<Change> ofFile = changes.computeIfAbsent(name, n -> new ArrayList<>());
                String action = words[skip + 1];
                if (action.equals("write") || action.equals("trim")) {
                    long from = Long.parseLong(words[skip + 2]);
                    long to = from + Long.parseLong(words[skip + 3]);
                    ofFile.add(new Change(action.equals("write") ? ++k : 0, from, to));
                }
            }
        }
    }

    /** The highest promise of each file; a last line cut short by a kill is no promise. */
    static Map<String, Long> promises(Path journal) throws IOException {
        Map<String, Long> promises = new HashMap<>();
        String text = Files.exists(journal) ? Files.readString(journal) : "";
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            if (!line.matches("durable \\S+ k=\\d+")) {
                throw new IOException("not a line of a journal: " + line);
            }
            String[] words = line.split(" ", -1);
            promises.merge(words[1], Long.parseLong(words[2].substring(2)), Math::max);
        }
        return promises;
    }

    /** What is wrong; empty if every promise is kept. */
    List<String> verify(Path dir, Map<String, Long> promises) throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Map.Entry<String, Long> promise : promises.entrySet()) {
            String name = promise.getKey();
            if (!changes.containsKey(name)) {
                wrong.add(name + " is no file of the trace");
            } else {
                verify(name, Files.readAllBytes(dir.resolve(name)), promise.getValue(), wrong);
            }
        }
        return wrong;
    }

    /** What is wrong if all writes must be there, and nothing else. */
    List<String> verifyAll(Path dir) throws IOException {
        Map<String, Long> all = new HashMap<>();
        changes.keySet().forEach(name -> all.put(name, Long.MAX_VALUE));
        return verify(dir, all);
    }

    private void verify(String name, byte[] disk, long promise, List<String> wrong) {
        List<Change> ofFile = changes.get(name);
        int last = -1; // the last change that is promised: a trim before a promised write is, one after it is not
        for (int i = 0; i < ofFile.size(); i++) {
            long k = ofFile.get(i).k();
            if (promise == Long.MAX_VALUE || (k > 0 && k <= promise)) {
                last = i;
            }
        }
        long end = ofFile.subList(0, last + 1).stream()
                .filter(c -> c.k() > 0)
                .mapToLong(Change::to)
                .max()
                .orElse(0);
        if (disk.length < end || (promise == Long.MAX_VALUE && disk.length != end)) {
            wrong.add(name + " has " + disk.length + " bytes, write " + promise + " is promised and needs " + end);
            return;
        }
        byte[] must = new byte[disk.length];
        for (Change c : ofFile.subList(0, last + 1)) {
            for (long p = c.from(); p < Math.min(c.to(), must.length); p++) {
                must[(int) p] = c.at(p);
            }
        }
        boolean[] good = new boolean[disk.length];
        for (int p = 0; p < disk.length; p++) {
            good[p] = disk[p] == must[p];
        }
        for (Change c : ofFile.subList(last + 1, ofFile.size())) {
            for (long p = c.from(); p < Math.min(c.to(), disk.length); p++) {
                good[(int) p] |= disk[(int) p] == c.at(p);
            }
        }
        for (int p = 0; p < disk.length; p++) {
            if (!good[p]) {
                wrong.add(name + " at " + p + " holds " + disk[p] + ", older than write " + promise + " promises");
                return;
            }
        }
    }
}
