package org.kthread.architecture;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The module org.kthread.core")
class ModuleTest {
    private static final String NAME = "org.kthread.core";
    private static final Path CLASSES = Path.of("target", "classes");

    @Test
    @DisplayName("exports its seven packages to everybody")
    void exports() {
        ModuleDescriptor module =
                ModuleFinder.of(CLASSES).find(NAME).orElseThrow().descriptor();
        assertEquals(
                Set.of(
                        "org.kthread",
                        "org.kthread.event",
                        "org.kthread.lwp",
                        "org.kthread.proc",
                        "org.kthread.shutdown",
                        "org.kthread.sleep",
                        "org.kthread.sys"),
                module.exports().stream()
                        .filter(e -> !e.isQualified())
                        .map(ModuleDescriptor.Exports::source)
                        .collect(toSet()));
    }

    @Test
    @DisplayName("resolves and loads as a module, with Guava and without the annotations")
    void loads() throws ClassNotFoundException {
        Path[] guava = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(p -> p.getFileName().toString().matches("(guava|failureaccess)-.*\\.jar"))
                .toArray(Path[]::new);
        ModuleLayer boot = ModuleLayer.boot();
        Configuration configuration = boot.configuration()
                .resolve(
                        ModuleFinder.compose(ModuleFinder.of(CLASSES), ModuleFinder.of(guava)),
                        ModuleFinder.of(),
                        Set.of(NAME));
        ModuleLayer layer = boot.defineModulesWithOneLoader(configuration, ClassLoader.getPlatformClassLoader());
        Class<?> loaded = layer.findLoader(NAME).loadClass("org.kthread.package-info");
        assertSame(layer.findModule(NAME).orElseThrow(), loaded.getModule());
    }
}
