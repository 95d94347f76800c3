package dev.tokioj.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This command once more, in a process of its own. */
final class OwnProcess {
    private OwnProcess() {}

    /** The command line that runs us with these arguments. */
    static List<String> command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-XX:+UseSerialGC");
        String classPath = System.getProperty("java.class.path", "");
        if (classPath.endsWith(".jar") && classPath.indexOf(java.io.File.pathSeparatorChar) < 0) {
            // The jar's manifest opens what the runtime can use.
            command.add("-jar");
            command.add(classPath);
        } else {
            command.add("-cp");
            command.add(classPath);
            command.add(Main.class.getName());
        }
        command.addAll(List.of(arguments));
        return command;
    }

    /** A signal that ends us runs no finally: a child would stay, with its port. Before the first is started. */
    static void endChildrenWithUs() {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> ProcessHandle.current().children().forEach(ProcessHandle::destroy), "end-children"));
    }
}
