package dev.tokioj.runtime.net;

import java.util.Arrays;

/**
 * A program in classic BPF that the kernel runs for each datagram to one of several sockets that share an address; what it
 * answers is the number of the socket, counted in the order of binding, that gets the datagram ({@link UdpSocket#steer}). Offsets
 * count from the first byte of the UDP payload. A program that reads past a datagram's end ends at once with the answer 0.
 *
 * <p>It has two registers of 32 bits: {@code A}, where most happens, and {@code X}. Immutable; any thread.
 */
public final class SteeringProgram {
    // linux/bpf_common.h and linux/filter.h
    private static final int LD_W_ABS = 0x20;
    private static final int LD_B_ABS = 0x30;
    private static final int ALU_ADD_K = 0x04;
    private static final int ALU_MUL_K = 0x24;
    private static final int ALU_RSH_K = 0x74;
    private static final int ALU_MOD_K = 0x94;
    private static final int ALU_XOR_X = 0xac;
    private static final int JMP_JA = 0x05;
    private static final int JMP_JSET_K = 0x45;
    private static final int RET_A = 0x16;
    private static final int MISC_TAX = 0x07;

    private final long[] instructions;

    private SteeringProgram(long[] instructions) {
        this.instructions = instructions;
    }

    /** An empty program. */
    public static Builder builder() {
        return new Builder();
    }

    /** The instructions, each as a {@code struct sock_filter} read as one little-endian number. */
    long[] instructions() {
        return instructions.clone();
    }

    /** Collects instructions; one thread. */
    public static final class Builder {
        /** Far more than anybody needs to look at a header. */
        private static final int MAX = 64;

        private final long[] code = new long[MAX];
        private int size;

        private Builder() {}

        private Builder add(int opcode, int whenTrue, int whenFalse, int k) {
            if (size == MAX) {
                throw new IllegalStateException("a steering program has at most " + MAX + " instructions");
            }
            code[size++] = opcode | whenTrue << 16 | (long) whenFalse << 24 | (long) k << 32;
            return this;
        }

        /** A = the byte there. */
        public Builder loadByte(int offset) {
            return add(LD_B_ABS, 0, 0, offset);
        }

        /** A = the four bytes there, the first one the highest. */
        public Builder loadWord(int offset) {
            return add(LD_W_ABS, 0, 0, offset);
        }

        /** Skips so many instructions if A has one of these bits, else so many; 0 to 255. */
        public Builder skipIfSet(int bits, int whenSet, int whenClear) {
            return add(JMP_JSET_K, checkSkip(whenSet), checkSkip(whenClear), bits);
        }

        /** Skips so many instructions. */
        public Builder skip(int instructions) {
            return add(JMP_JA, 0, 0, checkSkip(instructions));
        }

        private static int checkSkip(int instructions) {
            if (instructions < 0 || instructions > 255) {
                throw new IllegalArgumentException("cannot skip " + instructions + " instructions");
            }
            return instructions;
        }

        /** A += k. */
        public Builder add(int k) {
            return add(ALU_ADD_K, 0, 0, k);
        }

        /** A *= k. */
        public Builder multiply(int k) {
            return add(ALU_MUL_K, 0, 0, k);
        }

        /** A >>>= bits. */
        public Builder shiftRight(int bits) {
            return add(ALU_RSH_K, 0, 0, bits);
        }

        /** A %= k, both without sign. */
        public Builder remainder(int k) {
            if (k == 0) {
                throw new IllegalArgumentException("a remainder of a division by 0");
            }
            return add(ALU_MOD_K, 0, 0, k);
        }

        /** X = A. */
        public Builder copyToX() {
            return add(MISC_TAX, 0, 0, 0);
        }

        /** A ^= X. */
        public Builder xorX() {
            return add(ALU_XOR_X, 0, 0, 0);
        }

        /** Ends: A is the answer. */
        public Builder answer() {
            return add(RET_A, 0, 0, 0);
        }

        /** The program. Whether it makes sense the kernel tells. */
        public SteeringProgram build() {
            return new SteeringProgram(Arrays.copyOf(code, size));
        }
    }
}
