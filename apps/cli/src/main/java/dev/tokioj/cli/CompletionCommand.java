package dev.tokioj.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Prints what makes the tab key complete our commands. */
final class CompletionCommand implements Command {
    private final Syntax syntax = new Syntax("completion", """
            Print a completion script for bash and zsh.

              source <(./tokioj completion)
            """);

    @Override
    public Syntax syntax() {
        return syntax;
    }

    @Override
    public ExitCode run(Console console) {
        PrintWriter out = console.out();
        out.print("""
                # Completes tokioj in bash, and in zsh through bashcompinit.
                if [ -n "${ZSH_VERSION:-}" ]; then
                  autoload -U +X compinit && compinit -u
                  autoload -U +X bashcompinit && bashcompinit
                fi
                _tokioj() {
                  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words=""
                  COMPREPLY=()
                  if [ "$COMP_CWORD" -eq 1 ]; then
                """);
        out.println("    words=\"" + String.join(" ", Main.NAMES) + " help --help --version\"");
        out.print("""
                  else
                    case "${COMP_WORDS[1]} $before" in
                """);
        List<Command> commands = Main.commands();
        commands.forEach(each -> values(each.syntax(), out));
        out.println("      \"help \"*) words=\"" + String.join(" ", Main.NAMES) + "\" ;;");
        out.print("""
                      *)
                        case "${COMP_WORDS[1]}" in
                """);
        commands.forEach(each -> options(each.syntax(), out));
        out.print("""
                        esac
                        ;;
                    esac
                  fi
                  # Nothing of ours: the shell completes the names of files.
                  if [ -n "$words" ]; then
                    while IFS= read -r each; do COMPREPLY+=("$each"); done <<EOF
                $(compgen -W "$words" -- "$word")
                EOF
                    [ -n "${COMPREPLY[0]:-}" ] || COMPREPLY=()
                  fi
                }
                complete -o default -F _tokioj tokioj ./tokioj
                """);
        out.flush();
        return ExitCode.OK;
    }

    /** After an option with a value: the words it can be, or files. */
    private static void values(Syntax syntax, PrintWriter out) {
        for (Option<?> each : syntax.options()) {
            if (!each.isFlag()) {
                List<String> patterns = new ArrayList<>();
                each.names().forEach(name -> patterns.add("\"" + syntax.name() + " " + name + "\""));
                out.println("      " + String.join(" | ", patterns) + ") words=\"" + String.join(" ", each.candidates())
                        + "\" ;;");
            }
        }
    }

    /** Where an option or a parameter can stand. */
    private static void options(Syntax syntax, PrintWriter out) {
        List<String> words = new ArrayList<>();
        syntax.parameters().forEach(each -> words.addAll(each.candidates()));
        String parameters = String.join(" ", words);
        syntax.options().forEach(each -> words.addAll(each.names()));
        words.add("--help");
        out.println("          " + syntax.name() + ") case $word in -*) words=\"" + String.join(" ", words)
                + "\" ;; *) words=\"" + parameters + "\" ;; esac ;;");
    }
}
