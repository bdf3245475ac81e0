"""Keys of points that are pushed, as they are written."""

from cli.push_points import check_points, read_point_lines


def test_a_number_is_a_key_as_it_is_written(tmp_path):
    keys = ["7", "-0", "1.10", "1E5", "17000000000000000001", "true", '"007"', "null"]
    file = tmp_path / "points.jsonl"
    file.write_text("".join(f'{{"key": {key}, "cpu": 1}}\n' for key in keys))
    points = check_points(read_point_lines(file))
    assert [point.key for point in points] == [
        *("7", "-0", "1.10", "1E5", "17000000000000000001", "true", "007", None)
    ]
    assert all(point.values == {"cpu": 1.0} for point in points)
