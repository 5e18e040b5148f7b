package org.kthread.testing.badinput;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A method or constructor as a table writes it, {@code name(Type parameter, ...)}: the JVM does not tell the names. */
record Signature(String name, List<String> types, List<String> parameters) {
    static Signature parse(String text) {
        int open = text.indexOf('(');
        String inside = text.substring(open + 1, text.length() - 1);
        List<String> types = new ArrayList<>();
        List<String> parameters = new ArrayList<>();
        for (String one : inside.isEmpty() ? new String[0] : inside.split(", ", -1)) {
            int space = one.indexOf(' ');
            types.add(one.substring(0, space).replace("...", "[]"));
            parameters.add(one.substring(space + 1));
        }
        return new Signature(text.substring(0, open), types, parameters);
    }

    boolean matches(Executable executable) {
        return name.equals(nameOf(executable)) && types.equals(typesOf(executable));
    }

    static String of(Executable executable) {
        return nameOf(executable) + "(" + String.join(", ", typesOf(executable)) + ")";
    }

    private static String nameOf(Executable executable) {
        return executable instanceof Constructor<?> made
                ? "new " + made.getDeclaringClass().getSimpleName()
                : executable.getName();
    }

    private static List<String> typesOf(Executable executable) {
        return Stream.of(executable.getParameters())
                .map(Parameter::getType)
                .map(Class::getSimpleName)
                .collect(Collectors.toList());
    }

    @Override
    public String toString() {
        List<String> each = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            each.add(types.get(i) + " " + parameters.get(i));
        }
        return name + "(" + String.join(", ", each) + ")";
    }
}
