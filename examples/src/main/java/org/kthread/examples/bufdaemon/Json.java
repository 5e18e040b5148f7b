package org.kthread.examples.bufdaemon;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The reports of the library are records: each becomes an object with the names of its components. Durations are seconds. */
final class Json {
    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .serializeNulls()
            .create();
    private static final double NANOS = 1e9;

    private Json() {}

    static String of(Object value) {
        return GSON.toJson(tree(value));
    }

    private static JsonElement tree(@Nullable Object value) {
        if (value == null) {
            return JsonNull.INSTANCE;
        } else if (value instanceof Number n) {
            return new JsonPrimitive(n);
        } else if (value instanceof Boolean b) {
            return new JsonPrimitive(b);
        } else if (value instanceof Duration d) {
            return new JsonPrimitive(d.getSeconds() + d.getNano() / NANOS);
        } else if (value instanceof Optional<?> o) {
            return tree(o.orElse(null));
        } else if (value instanceof OptionalInt o) {
            return o.isPresent() ? new JsonPrimitive(o.getAsInt()) : JsonNull.INSTANCE;
        } else if (value instanceof Iterable<?> list && !(value instanceof java.nio.file.Path)) {
            JsonArray array = new JsonArray();
            list.forEach(e -> array.add(tree(e)));
            return array;
        } else if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((k, v) -> object.add(String.valueOf(k), tree(v)));
            return object;
        } else if (value instanceof Record r) {
            return object(r);
        }
        return new JsonPrimitive(value.toString()); // names, failures, stack frames
    }

    private static JsonObject object(Record value) {
        JsonObject object = new JsonObject();
        for (RecordComponent c : value.getClass().getRecordComponents()) {
            try {
                object.add(c.getName(), tree(c.getAccessor().invoke(value)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("the component " + c + " cannot be read", e);
            }
        }
        return object;
    }
}
