package dev.tokioj.net;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which path: the exact path first, then the longest prefix. A prefix is written with {@code /*} at its end and
 * matches what begins with it, {@code /files/*} also {@code /files/} but not {@code /files}. Immutable once the server has started.
 */
final class Routes {
    /** In place of a method: all of them. */
    private static final String ANY = "*";

    private final Map<String, Map<String, Handler>> exact = new TreeMap<>();
    private final Map<String, Map<String, Handler>> prefixes = new TreeMap<>();

    void add(@Nullable String method, String path, Handler handler) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("a path begins with '/': " + path);
        }
        boolean isPrefix = path.endsWith("/*");
        String key = isPrefix ? path.substring(0, path.length() - 1) : path;
        Map<String, Handler> methods = (isPrefix ? prefixes : exact).computeIfAbsent(key, _ -> new TreeMap<>());
        if (methods.putIfAbsent(method == null ? ANY : method, handler) != null) {
            throw new IllegalArgumentException("a second handler for " + (method == null ? "" : method + " ") + path);
        }
    }

    /** The handler for a request; what there is none for gets one that says so. */
    Handler find(String method, String path) {
        Map<String, Handler> methods = exact.get(path);
        if (methods == null) {
            methods = longestPrefix(path);
        }
        if (methods == null) {
            return exchange -> exchange.respond(404, "there is nothing at " + path + "\n");
        }
        Handler found = methods.get(method);
        if (found == null && method.equals("HEAD")) {
            found = methods.get("GET"); // its content is left out
        }
        if (found == null) {
            found = methods.get(ANY);
        }
        return found != null ? found : notAllowed(method, methods);
    }

    private @Nullable Map<String, Handler> longestPrefix(String path) {
        for (int slash = path.lastIndexOf('/');
                slash >= 0;
                slash = slash == 0 ? -1 : path.lastIndexOf('/', slash - 1)) {
            Map<String, Handler> methods = prefixes.get(path.substring(0, slash + 1));
            if (methods != null) {
                return methods;
            }
        }
        return null;
    }

    private static Handler notAllowed(String method, Map<String, Handler> methods) {
        List<String> allowed = new ArrayList<>(methods.keySet());
        if (allowed.contains("GET") && !allowed.contains("HEAD")) {
            allowed.add("HEAD");
        }
        String allow = String.join(", ", allowed);
        return exchange -> {
            exchange.header("allow", allow);
            if (Objects.equals(method, "OPTIONS")) {
                exchange.respond(204);
            } else {
                exchange.respond(405, "allowed here: " + allow + "\n");
            }
        };
    }
}
