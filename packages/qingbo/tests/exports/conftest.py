from restored_blogs import other_blogs

__all__ = ["other_blogs"]
