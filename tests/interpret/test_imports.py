"""The findings stand on the engine contract alone."""

import subprocess
import sys

MODULES = ("ablation", "attribution", "bertviz", "heads", "lens", "patching", "words")


def test_no_module_of_interpret_brings_in_torch_or_the_bertviz_package():
    imports = "; ".join(f"import gpt2demo.interpret.{module}" for module in MODULES)
    check = f"import sys; {imports}; print({{'torch', 'transformers', 'bertviz', 'IPython'}} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
