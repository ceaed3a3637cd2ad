"""What watches Toccata: Prometheus' configuration and alerts, Grafana's dashboard, and the list of all metrics."""
