package org.kthread.benchmarks.growth;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the cost of an element against how many there are, both on logarithmic axes: flat is flat, linear is a slope of one. */
final class Plots {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 520;
    private static final Color[] COLORS = {
        new Color(0x1f77b4), new Color(0xd62728), new Color(0x2ca02c), new Color(0x9467bd), new Color(0xff7f0e)
    };
    private static final Color[] GRAYS = {new Color(0x555555), new Color(0x999999), new Color(0x777777)};

    private Plots() {}

    /** One plot; its points are all of one JDK. */
    static void draw(Sweep sweep, List<Point> points, Path directory) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(sweep.title() + " (JDK " + points.get(0).jdk() + ")")
                .xAxisTitle("how many " + sweep.elements())
                .yAxisTitle("microseconds for each")
                .build();
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setYAxisLogarithmic(true)
                .setXAxisDecimalPattern("#,###")
                .setYAxisDecimalPattern("#,###.###")
                .setLegendPosition(LegendPosition.OutsideE)
                .setLegendLayout(LegendLayout.Vertical)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBorderVisible(false)
                .setMarkerSize(6);
        int colored = 0;
        int gray = 0;
        for (Map.Entry<String, Map<Integer, Double>> entry : bySeries(points).entrySet()) {
            boolean base = entry.getKey().startsWith(Point.BASE);
            List<Integer> x = List.copyOf(entry.getValue().keySet());
            List<Double> y = List.copyOf(entry.getValue().values());
            XYSeries series = chart.addSeries(entry.getKey(), x, y);
            Color color = base ? GRAYS[gray++ % GRAYS.length] : COLORS[colored++ % COLORS.length];
            series.setLineColor(color);
            series.setMarkerColor(color);
            series.setMarker(base ? SeriesMarkers.DIAMOND : SeriesMarkers.CIRCLE);
            series.setLineStyle(
                    base
                            ? new BasicStroke(
                                    1.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 4}, 0)
                            : new BasicStroke(2));
        }
        Files.write(directory.resolve(sweep.name() + ".png"), ChartEncoder.getBytes(chart, "png"));
    }

    /** Microseconds by size, by series. */
    private static Map<String, Map<Integer, Double>> bySeries(List<Point> points) {
        Map<String, Map<Integer, Double>> all = new LinkedHashMap<>();
        for (Point point : points) {
            all.computeIfAbsent(point.series(), s -> new LinkedHashMap<>()).put(point.n(), point.nanos() / 1_000);
        }
        return all;
    }
}
