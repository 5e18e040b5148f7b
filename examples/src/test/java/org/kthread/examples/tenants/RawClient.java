package org.kthread.examples.tenants;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that sends what no decent one would. */
final class RawClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;

    RawClient(int port) throws IOException {
        socket = new Socket();
        socket.setReceiveBufferSize(16 << 10); // so that an answer that is not read fills all buffers soon
        socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    /** Sends a text, one byte a character; line ends are those of HTTP. */
    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        return this;
    }

    /** Nothing more will be sent. */
    RawClient finish() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** The first line of an answer, without its end; empty if the connection ends before. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        try {
            InputStream in = socket.getInputStream();
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                line.append((char) c);
            }
        } catch (SocketException e) {
            return line.toString(); // reset
        }
        return line.toString().trim();
    }

    /** The status of the answer; 0 if the connection ends without one. */
    int status() throws IOException {
        String line = line();
        return line.startsWith("HTTP/1.1 ") ? Integer.parseInt(line.substring(9, 12)) : 0;
    }

    /** Reads until the connection ends; tells how many bytes came. */
    long drain() throws IOException {
        long n = 0;
        try {
            while (socket.getInputStream().read() >= 0) {
                n++;
            }
        } catch (SocketException e) {
            return n; // reset
        }
        return n;
    }

    /** Goes away, with a reset if there was something left to read. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
