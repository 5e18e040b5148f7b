package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("What a request is about")
class TargetTest {
    @Test
    @DisplayName("tenant and path; a slash at the end means a directory")
    void path() throws Status {
        assertEquals(new Target("acme", List.of("a", "b c"), false), Target.of(URI.create("/t/acme/a/b%20c?x=y")));
        assertEquals(new Target("acme", List.of("a"), true), Target.of(URI.create("http://host/t/acme/a/")));
        assertEquals(new Target("acme", List.of("ü…"), false), Target.of(URI.create("/t/acme/%c3%BC%E2%80%A6")));
        for (String itself : List.of("/t/acme", "/t/acme/", "/t/%61cme")) {
            Target target = Target.of(URI.create(itself));
            assertEquals(new Target("acme", List.of(), true), target);
            assertEquals(".", target.path());
            assertEquals(".", target.parent());
        }
        Target deep = Target.of(URI.create("/t/acme/a/b/c"));
        assertEquals("a/b/c", deep.path());
        assertEquals("a/b", deep.parent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/t", "/x/acme/a", "t/acme/a", "mailto:x", "/t%2facme/a", "//t/acme/a"})
    @DisplayName("what is not served")
    void other(String uri) {
        assertEquals(
                Status.NOT_FOUND,
                assertThrows(Status.class, () -> Target.of(URI.create(uri))).code());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "..",
                ".",
                "%2e%2e",
                "%2E.",
                "a//b",
                "%2f",
                "a%2fb",
                "a%00",
                "%0a",
                "%7F",
                "%ff",
                "%c0%af",
                "%ed%a0%80",
                "ü",
                ".tenants-1",
                "%2etenants-1"
            })
    @DisplayName("paths that are refused")
    void refused(String path) {
        for (String uri : List.of("/t/acme/" + path, "/t/acme/d/" + path + "/e")) {
            assertEquals(
                    Status.BAD_REQUEST,
                    assertThrows(Status.class, () -> Target.of(URI.create(uri))).code(),
                    uri);
        }
    }

    @Test
    @DisplayName("a path of as many names as it may have, and of one more")
    void depth() throws Status {
        String most = "/t/acme" + "/a".repeat(Target.MOST_NAMES);
        assertEquals(Target.MOST_NAMES, Target.of(URI.create(most)).names().size());
        assertEquals(
                Target.MOST_NAMES, Target.of(URI.create(most + "/")).names().size());
        for (String deeper : List.of(most + "/a", most + "/a/")) {
            assertEquals(
                    Status.URI_TOO_LONG,
                    assertThrows(Status.class, () -> Target.of(URI.create(deeper)))
                            .code());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/tenants, ''",
        "/tenants/, ''",
        "/tenants/a, a",
        "/tenants/a?nofile=3, a",
        "/tenants/%61.b-c_9, a.b-c_9"
    })
    @DisplayName("the administration")
    void admin(String uri, String name) throws Status {
        assertEquals(name, Target.ofAdmin(URI.create(uri)));
    }
}
