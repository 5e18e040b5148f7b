package org.kthread.benchmarks;

import picocli.CommandLine.Command;

/** {@code list}: what there is to measure. */
@Command(name = "list", mixinStandardHelpOptions = true, description = "Lists what can be measured by name.")
final class ListCommand implements Runnable {
    @Override
    public void run() {
        for (Row row : Catalog.rows()) {
            System.out.printf("%-40s %s%n", row.of().id(), row.what());
        }
        for (Program program : Programs.all()) {
            System.out.println(program.getClass().getSimpleName());
        }
    }
}
