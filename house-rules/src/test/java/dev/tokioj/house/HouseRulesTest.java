package dev.tokioj.house;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.core.domain.JavaClasses;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** House rules 1, 2, 8, 9 and 16, as far as bytecode shows them. */
final class HouseRulesTest {
    private static final JavaClasses HOUSE = House.classes();

    /** Rule 1, for the cores: time is an argument. */
    @Test
    void coresNeverReadAClock() {
        noClasses()
                .that()
                .resideInAnyPackage(House.CORES)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.time.Clock.class)
                .orShould()
                .callMethod(Instant.class, "now")
                .check(HOUSE);
    }

    /** Rule 1, for randomness: it is passed in. */
    @Test
    void coresNeverMakeTheirOwnRandomness() {
        noClasses()
                .that()
                .resideInAnyPackage(House.CORES)
                .should()
                .callConstructor(SecureRandom.class)
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(ThreadLocalRandom.class)
                .check(HOUSE);
    }

    /** Rule 2: one owner, so nothing in the cores is made for several threads. */
    @Test
    void coresKnowNoThreadsAndNoSockets() {
        noClasses()
                .that()
                .resideInAnyPackage(House.CORES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.nio.channels..", "java.lang.foreign..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.net.DatagramSocket.class)
                .check(HOUSE);
    }

    /** Rule 8: names come from the RFCs. */
    @Test
    void namesSaySomething() {
        classes()
                .should()
                .haveSimpleNameNotEndingWith("Manager")
                .andShould()
                .haveSimpleNameNotEndingWith("Helper")
                .andShould()
                .haveSimpleNameNotEndingWith("Helpers")
                .andShould()
                .haveSimpleNameNotEndingWith("Util")
                .andShould()
                .haveSimpleNameNotEndingWith("Utils")
                .andShould()
                .haveSimpleNameNotEndingWith("Impl")
                .andShould()
                .haveSimpleNameNotStartingWith("Abstract")
                .check(HOUSE);
    }

    /** Rule 9: native memory stays with the sockets. */
    @Test
    void memorySegmentsStayInTheRuntimesSocketRooms() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.tokioj.runtime.linux..", "dev.tokioj.runtime.net..")
                .and()
                .doNotHaveSimpleName("EpollPoller")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.lang.foreign..")
                .check(HOUSE);
    }

    /** Rule 16: only programs print. */
    @Test
    void librariesDoNotPrint() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.tokioj.runtime..",
                        "dev.tokioj.tls..",
                        "dev.tokioj.quic..",
                        "dev.tokioj.http3..",
                        "dev.tokioj.net..",
                        "dev.tokioj.metrics..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(HOUSE);
    }

    /** A finalizer runs on a thread of nobody's choosing. */
    @Test
    void nothingIsFinalized() {
        noMethods().should().haveName("finalize").check(HOUSE);
    }
}
