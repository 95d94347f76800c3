package dev.tokioj.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The {@code tokioj} command; each subcommand has a class of its own. */
final class Main {
    /** The subcommands, in the order in which help tells them. */
    static final List<String> NAMES = List.of("demo", "serve", "get", "echo", "perf", "completion");

    private Main() {}

    /** The program. */
    public static void main(String[] args) {
        System.exit(run(Console.system(), args));
    }

    /** Runs a command line and returns its exit code. */
    static int run(Console console, String... args) {
        String name = args.length == 0 ? "" : args[0];
        try {
            List<String> words =
                    args.length == 0 ? List.of() : Arrays.asList(args).subList(1, args.length);
            ExitCode code = switch (name) {
                case "-V", "--version" -> version(console);
                case "-h", "--help" -> help(console);
                // People try "tokioj help serve" too.
                case "help" -> words.isEmpty() ? help(console) : help(console, named(words.getFirst()));
                default -> run(console, named(name), words);
            };
            return code.code();
        } catch (Exception e) {
            return Failure.report(e, name, console);
        }
    }

    private static ExitCode run(Console console, Command command, List<String> words) throws Exception {
        command.syntax().parse(words);
        return command.syntax().wantsHelp() ? help(console, command) : command.run(console);
    }

    private static Command named(String name) throws Failure.Exit {
        return switch (name) {
            case "demo" -> new DemoCommand();
            case "serve" -> new ServeCommand();
            case "get" -> new GetCommand();
            case "echo" -> new EchoCommand();
            case "perf" -> new PerfCommand();
            case "completion" -> new CompletionCommand();
            case "train" -> new TrainCommand();
            default ->
                throw new Failure.Exit(
                        ExitCode.USAGE,
                        (name.isEmpty() ? "which command?" : "there is no command '" + name + "'.") + " There are: "
                                + String.join(", ", NAMES) + ". Try 'tokioj demo'");
        };
    }

    /** One of each. */
    static List<Command> commands() {
        List<Command> all = new ArrayList<>();
        for (String name : NAMES) {
            try {
                all.add(named(name));
            } catch (Failure.Exit e) {
                throw new IllegalStateException("a name without a command: " + name, e);
            }
        }
        return all;
    }

    private static ExitCode help(Console console) {
        new Usage(console.out()).print(commands());
        return ExitCode.OK;
    }

    private static ExitCode help(Console console, Command command) {
        new Usage(console.out()).print(command.syntax());
        return ExitCode.OK;
    }

    /** The version is what the build wrote into the jar. */
    private static ExitCode version(Console console) {
        String version = Main.class.getPackage().getImplementationVersion();
        console.out().println("tokioj " + (version == null ? "(not from a jar)" : version));
        console.out()
                .println("Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                        + System.getProperty("os.arch"));
        console.out().flush();
        return ExitCode.OK;
    }
}
