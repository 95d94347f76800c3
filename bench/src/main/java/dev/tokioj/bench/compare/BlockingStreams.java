package dev.tokioj.bench.compare;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;

/** What stacks do whose streams are read and written by a thread that waits. Closing the output ends what is sent. */
final class BlockingStreams {
    private BlockingStreams() {}

    /** A server's answer to one stream. */
    static void answer(InputStream in, OutputStream out) throws IOException {
        byte[] request = new byte[Content.REQUEST_SIZE];
        if (in.readNBytes(request, 0, request.length) < request.length) {
            throw new EOFException("a request was cut short");
        }
        switch (Content.operation(request)) {
            case Content.DOWNLOAD -> {
                for (long i = 0; i < Content.number(request); i++) {
                    out.write(Content.block(i));
                }
            }
            case Content.UPLOAD -> out.write(Content.longBytes(checked(in)));
            case Content.UPLOAD_HASHED -> out.write(hashed(in));
            case Content.REQUEST -> {
                if (in.read(request) >= 0) {
                    throw new IOException("more than a request");
                }
                out.write(Content.response(Content.number(request)));
            }
            default -> throw new IOException("no operation: " + Content.operation(request));
        }
        out.close();
    }

    private static long checked(InputStream in) throws IOException {
        Content.Check check = new Content.Check();
        byte[] buf = new byte[Content.BLOCK];
        for (int n = in.read(buf); n >= 0; n = in.read(buf)) {
            check.update(buf, 0, n);
        }
        return check.bytes();
    }

    private static byte[] hashed(InputStream in) throws IOException {
        MessageDigest digest = Content.newSha256();
        byte[] buf = new byte[Content.BLOCK];
        for (int n = in.read(buf); n >= 0; n = in.read(buf)) {
            digest.update(buf, 0, n);
        }
        return digest.digest();
    }

    /** A client's download, until it is stopped. */
    static void download(InputStream in, OutputStream out, Progress progress) throws IOException {
        out.write(Content.request(Content.DOWNLOAD, Long.MAX_VALUE));
        out.close();
        Content.Check check = new Content.Check();
        byte[] buf = new byte[Content.BLOCK];
        while (progress.goesOn()) {
            int n = in.read(buf);
            if (n < 0) {
                throw new IOException("the server ended an endless download");
            }
            check.update(buf, 0, n);
            progress.passed(n);
        }
    }

    /** A client's upload, until it is stopped; then compares how much the server found intact. */
    static void upload(InputStream in, OutputStream out, Progress progress) throws IOException {
        out.write(Content.request(Content.UPLOAD, 0));
        long sent = 0;
        for (long i = 0; progress.goesOn(); i++) {
            out.write(Content.block(i));
            sent += Content.BLOCK;
            progress.passed(Content.BLOCK);
        }
        out.close();
        byte[] answer = in.readNBytes(Long.BYTES);
        if (answer.length < Long.BYTES || Content.longOf(answer) != sent) {
            throw new IOException("the server did not see all of the upload");
        }
    }

    /** One request and its response, read to the end. */
    static void request(InputStream in, OutputStream out, long number) throws IOException {
        out.write(Content.request(Content.REQUEST, number));
        out.close();
        byte[] response = new byte[Content.RESPONSE_SIZE + 1];
        Content.checkResponse(number, response, in.readNBytes(response, 0, response.length));
    }

    /** Compares the SHA-256 of a download. */
    static void verifyDownload(InputStream in, OutputStream out, int blocks) throws IOException {
        out.write(Content.request(Content.DOWNLOAD, blocks));
        out.close();
        if (!MessageDigest.isEqual(Content.sha256(blocks), hashed(in))) {
            throw new IOException("the SHA-256 of a download is wrong");
        }
    }

    /** Compares the SHA-256 of an upload. */
    static void verifyUpload(InputStream in, OutputStream out, int blocks) throws IOException {
        out.write(Content.request(Content.UPLOAD_HASHED, 0));
        for (int i = 0; i < blocks; i++) {
            out.write(Content.block(i));
        }
        out.close();
        byte[] expected = Content.sha256(blocks);
        if (!MessageDigest.isEqual(expected, in.readNBytes(expected.length))) {
            throw new IOException("the SHA-256 of an upload is wrong");
        }
    }
}
