"""What an export says of files: where they are to be, and which steps write them."""

import nbformat

import dsml_magics as dsml
from tests.pipeline.conftest import notebook

CELLS = [
    {"md": "# Read"},
    "import os\nimport pandas as pd\np = os.path.join('a', 'b')\ndf = pd.read_csv('../datasets/adult-census.csv')",
    {"md": "# Write"},
    "df.to_csv('out.csv')",
]


def test_a_file_of_another_folder_is_to_be_where_the_job_looks_for_it(tmp_path):
    nbformat.write(notebook(*CELLS), tmp_path / "nb.ipynb")
    job = dsml.export(
        tmp_path / "nb.ipynb", engine="argo", image="me/x:1", state="s3://b/j", to=tmp_path / "a" / "job"
    )
    said = "\n".join(job.warnings)
    place = tmp_path / "a" / "datasets"
    assert f"a step reads `../datasets/adult-census.csv`: put `adult-census.csv` into {place}" in said
    assert "these write files: write." in said
