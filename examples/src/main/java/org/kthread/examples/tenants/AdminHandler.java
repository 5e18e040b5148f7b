package org.kthread.examples.tenants;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The administration: tenants are made, listed and destroyed by who knows the token. */
final class AdminHandler implements Port.Handler {
    private static final String BEARER = "Bearer ";
    static final int MOST_FILES = 65_536;
    private static final Pattern QUERY = Pattern.compile("nofile=(\\d{1,9})");
    private static final Gson JSON = new GsonBuilder().setPrettyPrinting().create();

    private final TenantTable tenants;
    private final byte[] token;
    private final int nofile;

    /** A tenant, as it is shown. */
    record Row(String name, int pid, int uid, int nofile, int open, int requests) {
        static Row of(Tenant tenant) {
            return new Row(
                    tenant.name(),
                    tenant.pid(),
                    tenant.uid(),
                    tenant.nofile(),
                    tenant.descriptors().size(),
                    tenant.requests());
        }
    }

    AdminHandler(TenantTable tenants, String token, int nofile) {
        this.tenants = tenants;
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.nofile = nofile;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException, InterruptedException, Status {
        authenticate(exchange);
        String name = Target.ofAdmin(exchange.getRequestURI());
        String method = exchange.getRequestMethod();
        if (name.isEmpty()) {
            if (!method.equals("GET")) {
                throw Status.notAllowed(exchange, "GET");
            }
            show(exchange, Status.OK, tenants.list().stream().map(Row::of).toList());
            return;
        }
        switch (method) {
            case "GET" -> show(exchange, Status.OK, Row.of(tenants.get(name)));
            case "PUT", "POST" ->
                show(
                        exchange,
                        Status.CREATED,
                        Row.of(tenants.create(
                                name, nofile(exchange.getRequestURI().getQuery()))));
            case "DELETE" -> destroy(exchange, name);
            default -> throw Status.notAllowed(exchange, "GET, PUT, POST, DELETE");
        }
    }

    /** The comparison takes the same time wherever the difference is. */
    private void authenticate(HttpExchange exchange) throws Status {
        @Nullable String given = exchange.getRequestHeaders().getFirst("Authorization");
        if (given == null || !given.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"tenants\"");
            throw new Status(Status.UNAUTHORIZED, "the header 'Authorization: Bearer TOKEN' is missing");
        }
        byte[] bytes = given.substring(BEARER.length()).trim().getBytes(StandardCharsets.ISO_8859_1);
        if (!MessageDigest.isEqual(token, bytes)) {
            throw new Status(Status.FORBIDDEN, "this is not the token");
        }
    }

    private int nofile(@Nullable String query) throws Status {
        if (query == null) {
            return nofile;
        }
        Matcher m = QUERY.matcher(query);
        if (m.matches()) {
            int limit = Integer.parseInt(m.group(1));
            if (limit >= 1 && limit <= MOST_FILES) {
                return limit;
            }
        }
        throw new Status(Status.BAD_REQUEST, "expected ?nofile=N, from 1 to " + MOST_FILES);
    }

    private void destroy(HttpExchange exchange, String name) throws IOException, InterruptedException, Status {
        if (tenants.destroy(name)) {
            exchange.sendResponseHeaders(Status.NO_CONTENT, -1);
        } else {
            throw new Status(Status.ACCEPTED, "destroyed; a request of it has not ended yet");
        }
    }

    private static void show(HttpExchange exchange, int code, Object what) throws IOException {
        Status.send(exchange, code, "application/json", JSON.toJson(what) + "\n");
    }
}
