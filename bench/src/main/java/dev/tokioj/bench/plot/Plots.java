package dev.tokioj.bench.plot;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * Draws the lines of {@code bench/compare --json}: for each case a picture of its values and one of the CPU time of both sides, a bar
 * a peer. Reads files of lines, writes {@code CASE.png} and {@code CASE-cpu.png} into a directory.
 */
public final class Plots {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 360;
    private static final Color SERVER = new Color(0x1f, 0x5f, 0x8b);
    private static final Color CLIENT = new Color(0xe0, 0x8e, 0x2b);

    /** A line; its names are those of the JSON. */
    private record Line(
            @Nullable String peer,
            @Nullable Double value,
            @Nullable String unit,
            @Nullable Double cpuServer,
            @Nullable Double cpuClient) {}

    /** The one name that Java does not allow for a component. */
    private record Named(
            @com.google.gson.annotations.SerializedName("case") @Nullable String title) {}

    private final Path directory;
    private final Map<String, List<Line>> cases = new LinkedHashMap<>();

    private Plots(Path directory) {
        this.directory = directory;
    }

    /** {@code Plots DIRECTORY FILE...} */
    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            System.err.println("usage: bench/plot DIRECTORY FILE...   (files with lines of bench/compare --json)");
            System.exit(64);
        }
        System.setProperty("java.awt.headless", "true");
        Plots plots = new Plots(Path.of(args[0]));
        for (int i = 1; i < args.length; i++) {
            plots.read(Path.of(args[i]));
        }
        plots.draw();
    }

    private void read(Path file) throws IOException {
        Gson gson = new Gson();
        int number = 0;
        for (String text : Files.readAllLines(file)) {
            number++;
            if (text.isBlank()) {
                continue;
            }
            try {
                String title = gson.fromJson(text, Named.class).title();
                Line line = gson.fromJson(text, Line.class);
                if (title == null || line.peer() == null) {
                    throw new JsonSyntaxException("no case or no peer");
                }
                if (line.value() != null) { // a peer that was not measured has no bar
                    cases.computeIfAbsent(title, _ -> new ArrayList<>()).add(line);
                }
            } catch (JsonSyntaxException e) {
                throw new IOException(file + ", line " + number + ": " + e.getMessage(), e);
            }
        }
    }

    private void draw() throws IOException {
        Files.createDirectories(directory);
        for (var entry : cases.entrySet()) {
            List<Line> lines = entry.getValue();
            List<String> peers = lines.stream().map(Plots::peer).toList();
            String unit =
                    lines.getFirst().unit() == null ? "" : lines.getFirst().unit();
            CategoryChart values = chart(entry.getKey(), unit);
            values.addSeries("median", peers, lines.stream().map(Line::value).toList())
                    .setFillColor(SERVER);
            values.getStyler().setLegendVisible(false);
            write(values, entry.getKey() + ".png");
            List<Line> withCpu = lines.stream()
                    .filter(line -> line.cpuServer() != null && line.cpuClient() != null)
                    .toList();
            if (!withCpu.isEmpty()) {
                CategoryChart cpu = chart(
                        entry.getKey() + ": CPU of each process",
                        unit.equals("MB/s") ? "s per GB" : "microseconds each");
                List<String> names = withCpu.stream().map(Plots::peer).toList();
                cpu.addSeries(
                                "server",
                                names,
                                withCpu.stream().map(Line::cpuServer).toList())
                        .setFillColor(SERVER);
                cpu.addSeries(
                                "client",
                                names,
                                withCpu.stream().map(Line::cpuClient).toList())
                        .setFillColor(CLIENT);
                write(cpu, entry.getKey() + "-cpu.png");
            }
        }
    }

    private static String peer(Line line) {
        return line.peer() == null ? "" : line.peer();
    }

    private static CategoryChart chart(String title, String axis) {
        CategoryChart chart = new CategoryChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .yAxisTitle(axis)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.InsideNE);
        chart.getStyler().setLabelsVisible(true);
        chart.getStyler().setAvailableSpaceFill(0.7);
        chart.getStyler().setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setPlotGridVerticalLinesVisible(false);
        return chart;
    }

    private void write(CategoryChart chart, String name) throws IOException {
        Path file = directory.resolve(name);
        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", file.toFile());
        System.out.println(file);
    }
}
