package dev.tokioj.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tokioj.net.QuicClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConnectingTest {
    private final Syntax syntax = new Syntax("try", "Tries.");
    private final Connecting connecting = new Connecting(syntax);

    @ParameterizedTest
    @CsvSource({
        "--crypto-provider accp, AmazonCorrettoCryptoProvider",
        "--crypto-provider conscrypt, conscrypt-openjdk-uber",
        "--crypto-provider bogus, there is no crypto provider 'bogus'",
        "--crypto-jar nowhere.jar, --crypto-jar needs --crypto-provider",
        "--crypto-jar nowhere.jar --crypto-provider accp, nowhere.jar cannot be read",
    })
    void aProviderThatIsNotThereIsAnErrorThatSaysWhatToDo(String line, String said) throws Failure.Exit {
        syntax.parse(List.of(line.split(" ")));
        Failure.Exit wrong = assertThrows(Failure.Exit.class, () -> connecting.apply(QuicClient.builder()), line);
        assertEquals(ExitCode.USAGE, wrong.code(), line);
        assertTrue(String.valueOf(wrong.getMessage()).contains(said), line + ": " + wrong.getMessage());
    }

    @Test
    void anotherProcessOfOursIsToldTheSame() throws Failure.Exit {
        syntax.parse(List.of("--crypto-provider", "SunEC", "--transport", "nio"));
        connecting.apply(QuicClient.builder());
        assertEquals(List.of("--transport", "NIO", "--crypto-provider", "SunEC"), connecting.words());
    }
}
