"""ModelScope's own text-to-video code, loaded by path without the rest of its package.

    reference = load(pathlib.Path("modelscope"))        # a checkout of modelscope/modelscope
    reference.unet, .autoencoder, .diffusion, .model, .pipeline      # the five modules

Nothing of their arithmetic is changed. What is:
- modules that are imported but not needed here are empty (torchvision, cv2, the package's registries);
- UNetSD's way out asks for texts of width 1024 whatever `context_dim` says; here it asks for `context_dim`;
- open_clip 3's attention expects [batch, tokens, width]; ModelScope hands it [tokens, batch, width], as open_clip 2
  expected it. `batch_first` is switched off.
"""
import importlib.machinery
import json
import pathlib
import sys
import types

import torch

VIDEO = "modelscope/models/multi_modal/video_synthesis"


class _AnyClass(type):
    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()


class _Anything(metaclass=_AnyClass):
    """Stands for every name of a module that is imported but never used."""

    def __init__(self, *args, **kwargs):
        pass

    def __call__(self, *args, **kwargs):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Anything()


class _Empty(types.ModuleType):
    def __init__(self, name):
        super().__init__(name)
        self.__path__ = []
        self.__spec__ = importlib.machinery.ModuleSpec(name, None, is_package=True)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return sys.modules.get(f"{self.__name__}.{name}") or _AnyClass(name, (_Anything,), {})


def _empty_modules(*names):
    for name in names:
        sys.modules.setdefault(name, _Empty(name))


class _Config(dict):
    """ModelScope's Config: a dictionary whose entries are attributes as well."""

    def __getattr__(self, name):
        return self[name]

    @staticmethod
    def from_file(path):
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"), object_hook=_Config)


class _Registry:
    def register_module(self, *args, **kwargs):
        return lambda cls: cls


class _Model(torch.nn.Module):
    def __init__(self, model_dir, *args, **kwargs):
        super().__init__()
        self.model_dir = model_dir


class _Pipeline:
    def __init__(self, model, **kwargs):
        self.model = model


def _package(**modules):
    for name, content in modules.items():
        name = name.replace("__", ".")
        module = _Empty(name)
        for key, value in content.items():
            setattr(module, key, value)
        sys.modules[name] = module


def _load(root, path, name, change=lambda source: source):
    file = root / path
    source = change(file.read_text(encoding="utf-8"))
    module = types.ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    exec(compile(source, str(file), "exec"), module.__dict__)
    return module


def _honour_context_dim(source):
    assert source.count("context_dim=1024,") == 1
    return source.replace("context_dim=1024,", "context_dim=self.context_dim,")


def load(root: pathlib.Path):
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor boxes, Tensor scores, float threshold) -> Tensor")
    load.keeps = library
    _empty_modules("torchvision", "torchvision.transforms", "torchvision.transforms.functional", "torchvision.ops",
                   "torchvision.ops.misc", "torchvision.io", "cv2")
    import open_clip

    names = types.SimpleNamespace(video_synthesis="", text_to_video_synthesis="", CONFIGURATION="configuration.json",
                                  OUTPUT_VIDEO="output_video")
    _package(
        modelscope={}, modelscope__models={}, modelscope__models__multi_modal={},
        modelscope__models__multi_modal__video_synthesis={}, modelscope__utils={}, modelscope__pipelines={},
        modelscope__metainfo={"Models": names, "Pipelines": names},
        modelscope__models__base={"Model": _Model}, modelscope__models__builder={"MODELS": _Registry()},
        modelscope__pipelines__base={"Pipeline": _Pipeline, "Model": _Model, "Input": dict},
        modelscope__pipelines__builder={"PIPELINES": _Registry()}, modelscope__outputs={"OutputKeys": names},
        modelscope__utils__config={"Config": _Config},
        modelscope__utils__constant={"ModelFile": names, "Tasks": names},
        modelscope__utils__logger={"get_logger": lambda: None})
    package = "modelscope.models.multi_modal.video_synthesis."
    return types.SimpleNamespace(
        open_clip=open_clip,
        unet=_load(root, f"{VIDEO}/unet_sd.py", package + "unet_sd", _honour_context_dim),
        autoencoder=_load(root, f"{VIDEO}/autoencoder.py", package + "autoencoder"),
        diffusion=_load(root, f"{VIDEO}/diffusion.py", package + "diffusion"),
        model=_load(root, f"{VIDEO}/text_to_video_synthesis_model.py", package + "text_to_video_synthesis_model"),
        pipeline=_load(root, "modelscope/pipelines/multi_modal/text_to_video_synthesis_pipeline.py",
                       "modelscope.pipelines.multi_modal.text_to_video_synthesis_pipeline"))


def open_model(reference, folder, autoencoder_options, clip_options):
    """ModelScope's TextToVideoSynthesis on a folder. It hard-codes the autoencoder's and open_clip's shapes: they are
    replaced by small ones."""
    full = reference.model.AutoencoderKL
    reference.open_clip.factory._MODEL_CONFIGS["ViT-H-14"] = clip_options
    try:
        reference.model.AutoencoderKL = lambda options, embed, path: full(dict(options, **autoencoder_options), embed, path)
        model = reference.model.TextToVideoSynthesis(str(folder), device="cpu")
    finally:
        reference.model.AutoencoderKL = full
    model.clip_encoder.device = "cpu"
    for block in model.clip_encoder.model.transformer.resblocks:
        block.attn.batch_first = False
    return model.eval()
