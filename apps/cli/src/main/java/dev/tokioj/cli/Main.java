package dev.tokioj.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code tokioj} command; each subcommand has a class of its own. */
@Command(
        name = "tokioj",
        versionProvider = Main.Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        header = "HTTP/3 and QUIC from the command line.",
        subcommands = {
            DemoCommand.class,
            ServeCommand.class,
            GetCommand.class,
            EchoCommand.class,
            PerfCommand.class,
            CompletionCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        footerHeading = "%nEnvironment:%n",
        footer = {
            "  SSLKEYLOGFILE   with --key-log: the file that TLS secrets are appended to, for Wireshark",
            "  QLOGDIR         a directory for qlog traces of every connection (for tools such as qvis)"
        })
final class Main implements Runnable {
    @Spec
    CommandSpec spec;

    private Main() {}

    /** The program. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs a command line and returns its exit code. */
    static int run(String... args) {
        CommandLine command = new CommandLine(new Main());
        // Reached as "tokioj help serve" too, as people try it.
        command.addSubcommand(new CommandLine.HelpCommand());
        command.getCommandSpec().usageMessage().exitCodeList(exitCodes());
        command.setExecutionExceptionHandler((e, failed, _) -> Failure.report(e, failed));
        return command.execute(args);
    }

    private static Map<String, String> exitCodes() {
        var codes = new LinkedHashMap<String, String>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(Integer.toString(code.code()), code.meaning());
        }
        return codes;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? Try 'tokioj demo'.");
    }

    /** Says the version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {
                "tokioj " + (version == null ? "(not from a jar)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
