package org.kthread.testing.badinput;

import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The public API of a module, by reflection: what a program can call. */
public final class Api {
    private Api() {}

    /** The public types in the exported packages of the module that has this class, but for these. */
    public static List<Class<?>> of(Class<?> member, Set<Class<?>> wiring) throws IOException {
        Path classes = locationOf(member);
        Set<String> exported = ModuleFinder.of(classes).findAll().stream()
                .flatMap(module -> module.descriptor().exports().stream())
                .map(ModuleDescriptor.Exports::source)
                .collect(Collectors.toSet());
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name -> load(name.replace('/', '.').substring(0, name.length() - ".class".length())))
                    .filter(type -> exported.contains(type.getPackageName()) && isPublic(type))
                    .filter(type -> !wiring.contains(type))
                    .sorted(Comparator.comparing(Class::getName))
                    .collect(Collectors.toList());
        }
    }

    /**
     * What of a type is to be in a table: its public methods and constructors, without what a program implements, and without
     * what the compiler writes: of records the accessors, of enums the list of values.
     */
    public static List<Executable> calls(Class<?> type) {
        List<Executable> calls = new ArrayList<>();
        if (!Modifier.isAbstract(type.getModifiers())) {
            calls.addAll(List.of(type.getConstructors()));
        }
        for (Method method : type.getDeclaredMethods()) {
            boolean implemented = type.isInterface() && Modifier.isAbstract(method.getModifiers());
            if (Modifier.isPublic(method.getModifiers()) && !method.isSynthetic() && !implemented && !written(method)) {
                calls.add(method);
            }
        }
        calls.sort(Comparator.comparing(Signature::of));
        return calls;
    }

    /** Those methods of a type whose result is of one of these. */
    public static Stream<String> giving(Class<?> type, Set<Class<?>> what) {
        return calls(type).stream()
                .filter(call -> call instanceof Method method && what.contains(method.getReturnType()))
                .map(call -> type.getSimpleName() + "." + Signature.of(call));
    }

    private static boolean written(Method method) {
        Class<?> type = method.getDeclaringClass();
        if (type.isRecord()) {
            boolean accessor = Stream.of(type.getRecordComponents())
                    .anyMatch(part -> part.getAccessor().equals(method));
            return accessor || (Modifier.isFinal(method.getModifiers()) && isObjects(method));
        }
        return type.isEnum()
                && (method.getName().equals("values") || method.getName().equals("valueOf"));
    }

    private static boolean isObjects(Method method) {
        return Set.of("equals", "hashCode", "toString").contains(method.getName());
    }

    private static boolean isPublic(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        return Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass() && (outer == null || isPublic(outer));
    }

    private static Path locationOf(Class<?> member) {
        try {
            return Path.of(
                    member.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, Api.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
